import { env, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { json } from '../../support/answer.ts'
import { admin, filesOf, formOf, newName, publish } from '../release/versions.ts'

interface Problem {
  readonly code: string
  readonly detail: string
}

const outcome = async (response: Response): Promise<string> => {
  const { code, detail } = await json<Problem>(response)
  return `${response.status} ${code} ${detail}`
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Whatever lies under `models/` that no version of a proper name can be. */
const strayKeys = async (): Promise<string[]> => {
  const { objects } = await (env as unknown as Env).MODELS.list({ limit: 1_000 })
  return objects
    .map(({ key }) => key)
    .filter((key) => !/^models\/[a-z0-9][a-z0-9-]*\/[0-9A-Za-z.-]+\/[\w.]+$/.test(key))
}

describe('the keys of published files', () => {
  it.each(['..', '../late-arrival', 'a/b', 'A', '-a', 'a'.repeat(64), 'models%2F..', 'a\u0000'])(
    'are of no model called %j',
    async (name) => {
      const files = filesOf(name, '1.0.0')
      const response = await admin(`${encodeURIComponent(name)}/versions`, { method: 'POST', body: formOf(files) })
      expect(response.status).toBe(404)
      expect(await strayKeys()).toEqual([])
    },
  )

  it.each(['1.0.0/../2.0.0', '1.0', '../1.0.0', '1.0.0-a/b', '1.0.0-\n', `1.0.0-${'a'.repeat(64)}`, '1.0.0-ü'])(
    'are of no version called %j',
    async (version) => {
      const name = newName()
      expect(await outcome(await publish(name, filesOf(name, version)))).toMatch(/^422 invalid_manifest version: /)
      expect(await strayKeys()).toEqual([])
    },
  )
})

describe('an upload', () => {
  it('of a thousand parts is refused before they are made', async () => {
    const name = newName()
    const form = formOf(filesOf(name, '1.0.0'))
    for (let part = 0; part < 1_000; part++) form.append('by', 'x')
    const response = await admin(`${name}/versions`, { method: 'POST', body: form })
    expect(await outcome(response)).toMatch(/^400 invalid_upload the form has more than 20 parts/)
  })

  it('has each part once, its texts too', async () => {
    const name = newName()
    const form = formOf(filesOf(name, '1.0.0'))
    form.append('by', 'ada')
    form.append('by', 'bob')
    const response = await admin(`${name}/versions`, { method: 'POST', body: form })
    expect(await outcome(response)).toBe('400 invalid_upload part "by" is there 2 times')
  })

  it.each([
    ['manifest', 1_048_577, 1_048_576],
    ['reference', 8_388_609, 8_388_608],
    ['card', 8_388_609, 8_388_608],
  ])('has a %s of a bounded size', async (part, bytes, most) => {
    const name = newName()
    const files = { ...filesOf(name, '1.0.0'), [part]: new Uint8Array(bytes).fill(32) }
    expect(await outcome(await publish(name, files))).toBe(
      `400 invalid_upload part "${part}" has ${bytes} bytes, of ${most} at most`,
    )
  })

  it.each([
    ['nests too deeply', '{"metrics":'.concat('['.repeat(100_000)), 'arrays and objects nest deeper than 64'],
    ['has too many keys', `{${'"a":1,'.repeat(150_000)}"b":1}`, 'more than 100000 keys in one body'],
  ])('whose manifest or profile %s is refused before it is parsed', async (_, text, says) => {
    const name = newName()
    const manifest = await publish(name, { ...filesOf(name, '1.0.0'), manifest: utf8(text) })
    expect(await outcome(manifest)).toContain(`400 invalid_upload part "manifest": ${says}`)
    const reference = await publish(name, { ...filesOf(name, '1.0.0'), reference: utf8(text) })
    expect(await outcome(reference)).toContain(`400 invalid_upload part "reference": ${says}`)
  })

  it('is the last of a thousand versions of a model', async () => {
    const name = newName()
    expect((await publish(name, filesOf(name, '1.0.0'))).status).toBe(201)
    const { RELEASE_CONTROLLER } = env as unknown as Env
    await runInDurableObject(RELEASE_CONTROLLER.getByName(name), (_, state) => {
      state.storage.sql.exec(
        `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 999)
          INSERT INTO versions (version, digest, reserved_at, format, body)
          SELECT '9.0.' || n, 'digest', 0, format, body FROM number, versions WHERE version = '1.0.0'`,
      )
    })
    expect(await outcome(await publish(name, filesOf(name, '1.0.1')))).toBe(
      `422 version_refused ${name} has 1000 versions, as many as a model may; publish under another model name`,
    )
    expect((await publish(name, filesOf(name, '1.0.0'))).status).toBe(200)
  })
})
