import { describe, expect, it } from 'vitest'
import bundledManifest from '../../../model/late-arrival/1.0.0/manifest.json'
import bundledModel from '../../../model/late-arrival/1.0.0/model.onnx'
import bundledReference from '../../../model/late-arrival/1.0.0/reference.json'
import type { PublishedVersions, ReleaseChanged, ReleaseHistory } from '../../../src/protocol/admin.ts'
import type { Problem } from '../../../src/protocol/problem.ts'
import { json } from '../../support/answer.ts'
import { admin, command, filesOf, formOf, newName, publish } from './versions.ts'

const released = async (name: string): Promise<ReleaseHistory> => json(await admin(`${name}/release`))

/** A model whose versions 1.0.0 and 1.1.0 are published. */
const twoVersions = async (): Promise<string> => {
  const name = newName()
  for (const version of ['1.0.0', '1.1.0']) expect((await publish(name, filesOf(name, version))).status).toBe(201)
  return name
}

describe('publishing', () => {
  it('makes a version that is there, with what it is', async () => {
    const name = newName()
    const files = filesOf(name, '1.0.0', (manifest) => {
      manifest.metrics = { auc: 0.7 }
      manifest.trained = { git_tag: 'v1' }
    })
    const form = formOf(files)
    form.append('by', 'ada')
    const answer = await admin(`${name}/versions`, { method: 'POST', body: form })
    expect(answer.status).toBe(201)
    const { created, version } = await json<{ created: boolean; version: object }>(answer)
    expect(created).toBe(true)
    expect(version).toMatchObject({
      name,
      version: '1.0.0',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      files: { model: { bytes: files.model.length }, card: { sha256: expect.any(String) } },
      evidence: 'synthetic',
      signature: { inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 5] }] },
      feature_view: { version: 1, fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
      metrics: { auc: 0.7 },
      git_tag: 'v1',
      published_by: 'ada',
    })
    const versions = await json<PublishedVersions>(await admin(`${name}/versions`))
    expect(versions).toEqual({ model: name, bundled: [], published: [version] })
  })

  it('gives a model that has no version yet its stable one, and leaves it at that', async () => {
    const name = await twoVersions()
    const { release, history } = await released(name)
    expect(release).toMatchObject({ revision: 1, stable: '1.0.0', canary: null })
    expect(history).toHaveLength(1)
  })

  it('keeps the trace of a command in the history', async () => {
    const name = await twoVersions()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const changed = await admin(`${name}/release`, {
      method: 'POST',
      body: JSON.stringify({ command: 'canary', version: '1.1.0', share: 0.1 }),
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    })
    expect((await json<ReleaseChanged>(changed)).change?.trace_id).toBe(trace)
    await command(name, { command: 'rollback' })
    const { history } = await released(name)
    expect(history.slice(0, 2).map(({ trace_id }) => trace_id)).toEqual([undefined, trace])
  })

  it('takes the same bytes twice for the same version, and refuses other bytes', async () => {
    const name = newName()
    await publish(name, filesOf(name, '1.0.0'))
    const again = await publish(name, filesOf(name, '1.0.0'))
    expect(again.status).toBe(200)
    expect(await json(again)).toMatchObject({ created: false, version: { version: '1.0.0' } })
    const others = await publish(
      name,
      filesOf(name, '1.0.0', (manifest) => {
        manifest.metrics = { auc: 0.9 }
      }),
    )
    expect(others.status).toBe(409)
    expect(await json(others)).toMatchObject({ code: 'version_exists', detail: expect.stringContaining('other bytes') })
  })

  it('leaves one of two who publish other bytes under one number at once', async () => {
    const name = newName()
    const mine = filesOf(name, '1.0.0')
    const theirs = filesOf(name, '1.0.0', (manifest) => {
      manifest.metrics = { auc: 0.9 }
    })
    const answers = await Promise.all([publish(name, mine), publish(name, theirs)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  it('takes a version of the bundle for published, and refuses another under its number', async () => {
    const bundled = {
      manifest: new TextEncoder().encode(JSON.stringify(bundledManifest)),
      model: new Uint8Array(bundledModel),
      reference: new TextEncoder().encode(JSON.stringify(bundledReference)),
    }
    const same = await publish('late-arrival', bundled)
    expect(same.status).toBe(200)
    expect(await json(same)).toMatchObject({
      created: false,
      version: { published_by: 'the bundle', published_at: null },
    })
    const answer = await publish('late-arrival', filesOf('late-arrival', '1.0.0'))
    expect(answer.status).toBe(409)
    expect(await json(answer)).toMatchObject({ code: 'version_exists', detail: expect.stringContaining('bundle') })
  })

  const REFUSED: [string, number, string, string, (name: string) => Partial<ReturnType<typeof filesOf>>][] = [
    [
      'no manifest',
      400,
      'invalid_upload',
      'part "manifest" is missing',
      (name) => ({ ...filesOf(name, '1.0.0'), manifest: null as never }),
    ],
    [
      'no model',
      400,
      'invalid_upload',
      'part "model" is missing',
      (name) => ({ ...filesOf(name, '1.0.0'), model: null as never }),
    ],
    [
      'an empty model',
      400,
      'invalid_upload',
      'part "model" is empty',
      (name) => ({ ...filesOf(name, '1.0.0'), model: new Uint8Array(0) }),
    ],
    [
      'no reference where one is named',
      400,
      'invalid_upload',
      'there is no part "reference"',
      (name) => ({ ...filesOf(name, '1.0.0'), reference: null }),
    ],
    [
      'the reference of another version',
      400,
      'invalid_upload',
      '@2.0.0',
      (name) => ({ ...filesOf(name, '1.0.0'), reference: filesOf(name, '2.0.0').reference }),
    ],
    [
      'a manifest that is no JSON',
      400,
      'invalid_upload',
      'part "manifest" is not JSON',
      (name) => ({ ...filesOf(name, '1.0.0'), manifest: new TextEncoder().encode('{') }),
    ],
    [
      'a manifest of another model',
      422,
      'invalid_manifest',
      'somebody-else',
      (name) =>
        filesOf(name, '1.0.0', (m) => {
          m.name = 'somebody-else'
        }),
    ],
    [
      'a version that is no semantic one',
      422,
      'invalid_manifest',
      'version: must be a semantic version',
      (name) => filesOf(name, 'one'),
    ],
    [
      'fields nobody knows',
      422,
      'unknown_fields',
      '"moon_phase" (time), "income" (zip)',
      (name) =>
        filesOf(name, '1.0.0', (m) => {
          m.feature_view.fields.push({ name: 'moon_phase', source: 'time' }, { name: 'income', source: 'zip' })
        }),
    ],
    [
      'another graph than the manifest means',
      422,
      'version_refused',
      'sha256',
      (name) =>
        filesOf(name, '1.0.0', (m) => {
          m.sha256 = '0'.repeat(64)
        }),
    ],
    [
      'golden rows it does not give',
      422,
      'version_refused',
      'golden[0]: output "bought_probability"',
      (name) =>
        filesOf(name, '1.0.0', (m) => {
          m.golden[0].outputs.bought_probability = 0.123
        }),
    ],
    [
      'a signature it has not',
      422,
      'version_refused',
      'the manifest has an output "another"',
      (name) =>
        filesOf(name, '1.0.0', (m) => {
          m.outputs[0].name = 'another'
        }),
    ],
  ]
  it.each(REFUSED)('refuses %s', async (_, status, code, says, make) => {
    const name = newName()
    const answer = await publish(name, make(name))
    const problem = await json<Problem>(answer)
    expect(problem).toMatchObject({ status, code, detail: expect.stringContaining(says) })
    expect(answer.status).toBe(status)
    expect((await admin(`${name}/versions`)).status).toBe(404)
  })

  it('refuses what is no form, what is a broken one, a part that is none and one that is a text', async () => {
    const name = newName()
    const post = (body: BodyInit, headers: HeadersInit = {}) =>
      admin(`${name}/versions`, { method: 'POST', body, headers })
    const asText = new FormData()
    asText.append('manifest', '{}')
    const unknown = formOf(filesOf(name, '1.0.0'))
    unknown.append('weights', new File(['x'], 'weights.bin'))
    const twice = formOf(filesOf(name, '1.0.0'))
    twice.append('model', new File(['x'], 'model.onnx'))
    const answers = await Promise.all([
      post('{}', { 'content-type': 'application/json' }),
      post('nothing', { 'content-type': 'multipart/form-data; boundary=b' }),
      post(asText),
      post(unknown),
      post(twice),
    ])
    const problems = await Promise.all(answers.map((answer) => json<Problem>(answer)))
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'invalid_upload'))
    for (const [index, says] of ['curl -F manifest=@', 'boundary', 'is a text', '"weights"', '2 times'].entries()) {
      expect(problems[index].detail).toContain(says)
    }
  })

  it('refuses an upload over 25 MiB, which is more than other bodies may have', async () => {
    const name = newName()
    const big = { ...filesOf(name, '1.0.0'), card: new Uint8Array(25 * 1024 * 1024) }
    const answer = await publish(name, big)
    expect(answer.status).toBe(413)
    expect(await json(answer)).toMatchObject({ code: 'body_too_large', detail: expect.stringContaining('26214400') })
    const large = { ...filesOf(name, '1.0.0'), card: new Uint8Array(5 * 1024 * 1024).fill(32) }
    expect((await publish(name, large)).status).toBe(201)
  })
})

describe('a release', () => {
  it('follows the commands, and its history says who, what and why', async () => {
    const name = await twoVersions()
    const begun = await json<ReleaseChanged>(
      await command(name, {
        command: 'canary',
        version: '1.1.0',
        share: 0.05,
        expected_revision: 1,
        by: 'ada',
        reason: 'try',
      }),
    )
    expect(begun).toMatchObject({
      release: { model: name, revision: 2, stable: '1.0.0', canary: { version: '1.1.0', share: 0.05 } },
      change: { revision: 2, by: { kind: 'operator', name: 'ada' }, reason: 'try' },
      propagation: { busy_isolates_within_seconds: 2, pushed_to: { answered: 4, of: 4 } },
    })
    const cold = Date.parse(begun.propagation?.cold_isolates_by ?? '') - Date.now()
    expect(cold).toBeGreaterThan(58_000)
    expect(cold).toBeLessThan(62_000)
    const until = new Date(Date.now() + 60_000).toISOString()
    const steps = [
      { command: 'canary', version: '1.1.0', share: 0.2 },
      { command: 'promote' },
      { command: 'rollback', reason: 'late at night' },
      { command: 'shadow', version: '1.1.0' },
      { command: 'shadow', version: null },
      { command: 'switch', version: '1.1.0' },
      { command: 'hold', reason: 'holidays', until },
      { command: 'resume' },
    ]
    for (const step of steps) expect([step.command, (await command(name, step)).status]).toEqual([step.command, 200])
    const { release, history } = await released(name)
    expect(release).toMatchObject({ revision: 10, stable: '1.1.0', fallback: '1.0.0', hold: null, rolled_back: [] })
    expect(history.map(({ command: { command: said } }) => said)).toEqual(
      ['switch', 'canary', ...steps.map(({ command: said }) => said)].reverse(),
    )
    expect(history[5]).toMatchObject({ command: { reason: 'late at night' }, reason: 'late at night', evidence: null })
    expect(history[1].after.hold).toMatchObject({ reason: 'holidays', until, by: { name: 'admin' } })
    const page = await json<ReleaseHistory>(await admin(`${name}/release?limit=2&before=5`))
    expect(page.history.map(({ revision }) => revision)).toEqual([4, 3])
  })

  it('lets one of two operators through who command at once', async () => {
    const name = await twoVersions()
    const answers = await Promise.all(
      [0.05, 0.1].map((share) => command(name, { command: 'canary', version: '1.1.0', share, expected_revision: 1 })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const refused = await json(answers.find(({ status }) => status === 409) as Response)
    expect(refused).toMatchObject({ code: 'release_conflict', detail: expect.stringContaining('revision 2') })
    expect((await released(name)).release.revision).toBe(2)
  })

  it('takes a repeated command for success, and changes nothing', async () => {
    const name = await twoVersions()
    const step = { command: 'canary', version: '1.1.0', share: 0.05 }
    await command(name, step)
    const again = await command(name, step)
    expect(again.status).toBe(200)
    expect(await json(again)).toMatchObject({ release: { revision: 2 }, change: null, propagation: null })
  })

  it('of the bundle is at revision 0 until somebody commands', async () => {
    const { release, history } = await released('late-arrival')
    expect(release).toMatchObject({ revision: 0, stable: '1.0.0', changed_at: null })
    expect(history).toEqual([])
  })

  it.each([
    [
      'a version that nobody has published',
      404,
      'unknown_version',
      { command: 'canary', version: '9.0.0', share: 0.1 },
    ],
    ['a share that is none', 400, 'invalid_parameter', { command: 'canary', version: '1.1.0', share: 1.5 }],
    ['what the release does not allow', 409, 'release_refused', { command: 'promote' }],
    ['a command that is none', 400, 'invalid_parameter', { command: 'explode' }],
    ['a word too many', 400, 'invalid_parameter', { command: 'promote', version: '1.1.0' }],
    ['a revision that is not the present one', 409, 'release_conflict', { command: 'promote', expected_revision: 7 }],
  ])('refuses %s', async (_, status, code, body) => {
    const name = await twoVersions()
    const answer = await command(name, body)
    expect(await json(answer)).toMatchObject({ status, code })
    expect(answer.status).toBe(status)
    expect((await released(name)).release.revision).toBe(1)
  })

  it('refuses bodies that are no command, and models there are none of', async () => {
    const name = newName()
    const post = (model: string, body: string) => admin(`${model}/release`, { method: 'POST', body })
    const codes = await Promise.all(
      [post(name, ''), post(name, '{'), post(name, '{"command":"promote"}'), post('No%20Such', '{}')].map(
        async (answer) => (await json<Problem>(await answer)).code,
      ),
    )
    expect(codes).toEqual(['empty_body', 'invalid_json', 'unknown_model', 'unknown_model'])
    expect((await admin(`${name}/release`)).status).toBe(404)
  })
})

describe('the door of /admin', () => {
  it.each(['', 'wrong-token-of-the-tests'])('stays shut to the token "%s"', async (token) => {
    for (const path of ['late-arrival/release', 'late-arrival/versions']) {
      expect((await admin(path, {}, token)).status).toBe(401)
      expect((await admin(path, { method: 'POST', body: '{"command":"promote"}' }, token)).status).toBe(401)
    }
  })
})
