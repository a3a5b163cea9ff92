/** `nearcast backup` on a deployment that answers over HTTP. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupSchema, restoreSteps } from '../../../src/cli/backup/backup.ts'
import { command } from '../../../src/cli/commands/backup.ts'
import type { ControlledRelease, ReleaseHistory } from '../../../src/protocol/admin.ts'
import type { VersionRecord } from '../../../src/protocol/version-record.ts'
import { runCommand } from '../../support/command-output.ts'

const STATE = {
  stable: '1.1.0',
  canary: null,
  shadow: null,
  fallback: '1.0.0',
  hold: null,
  rolled_back: [],
}
const RELEASE: ControlledRelease = {
  model: 'late-arrival',
  revision: 450,
  ...STATE,
  changed_at: '2026-11-25T10:00:00.000Z',
}
const PUBLISHED: VersionRecord = {
  format: 1,
  name: 'late-arrival',
  version: '1.1.0',
  digest: 'd1',
  files: { manifest: { bytes: 10, sha256: 'm' } },
  evidence: 'real',
  signature: { inputs: [], outputs: [] },
  feature_view: { version: 1, fingerprint: 'f', fields: ['latitude'] },
  metrics: null,
  git_tag: null,
  published_at: '2026-11-25T09:00:00.000Z',
  published_by: 'ada',
}

const change = (revision: number): ReleaseHistory['history'][number] => ({
  revision,
  at: '2026-11-25T10:00:00.000Z',
  by: { kind: 'operator', name: 'ada' },
  command: { command: 'switch', version: '1.1.0' },
  before: STATE,
  after: STATE,
  reason: null,
  evidence: null,
})

let server: ReturnType<typeof createServer>
let folder: string
let url: string
const asked: string[] = []

beforeEach(async () => {
  asked.length = 0
  folder = mkdtempSync(join(tmpdir(), 'nearcast-backup-'))
  server = createServer((request, response) => {
    const target = new URL(request.url ?? '', 'http://deployment.test')
    asked.push(request.url ?? '')
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (target.pathname === '/v1/models') return send(200, { models: [{ name: 'late-arrival' }] })
    if (request.headers.authorization !== 'Bearer secret')
      return send(401, { code: 'unauthorized', detail: 'no token' })
    if (target.pathname.endsWith('/versions')) {
      return send(200, { model: 'late-arrival', bundled: ['1.0.0'], published: [PUBLISHED] })
    }
    const before = Number(target.searchParams.get('before') ?? 451)
    const limit = Number(target.searchParams.get('limit'))
    const history = Array.from({ length: Math.min(limit, before - 1) }, (_, index) => change(before - 1 - index))
    return send(200, { release: RELEASE, judgement: null, alarms: [], history })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

const running = (token: string, file: string) => runCommand(command, ['--url', url, '--token', token, '--output', file])

describe('a backup', () => {
  it('holds the release, every change of it and the versions with their digests', async () => {
    const file = join(folder, 'releases.json')
    const { code } = await running('secret', file)
    expect(code).toBe(0)
    const { models, url: from } = backupSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    expect(from).toBe(`${url}/`)
    expect(models).toHaveLength(1)
    const [model] = models
    expect(model).toMatchObject({ name: 'late-arrival', release: RELEASE, bundled: ['1.0.0'], published: [PUBLISHED] })
    // 200 an answer, so three of them, without a gap and without one twice.
    expect(model.history.map(({ revision }) => revision)).toEqual(
      Array.from({ length: 450 }, (_, index) => 450 - index),
    )
    expect(asked.filter((path) => path.includes('/release'))).toHaveLength(3)
  })

  it('says what it does not hold, and how a release is restored', async () => {
    const file = join(folder, 'releases.json')
    const { stderr } = await running('secret', file)
    const { not_contained, restore } = backupSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    for (const what of ['archive', 'statistics', 'files of published versions', 'tokens']) {
      expect(
        not_contained.some((line) => line.includes(what)),
        what,
      ).toBe(true)
      expect(stderr).toContain(what)
    }
    expect(restore).toEqual([
      'nearcast publish FOLDER    # late-arrival 1.1.0, digest d1',
      'nearcast release late-arrival switch 1.1.0',
    ])
  })

  it('leaves no file when the deployment refuses', async () => {
    const file = join(folder, 'releases.json')
    const { code, stderr } = await running('wrong', file)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'nearcast backup: no token (unauthorized)\n' })
    expect(existsSync(file)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('goes to standard output as -', async () => {
    const { stdout } = await running('secret', '-')
    expect(backupSchema.parse(JSON.parse(stdout)).models[0]?.published[0]?.digest).toBe('d1')
  })

  it('wants to know where to', async () => {
    await expect(command.run(['--url', url, '--token', 'secret'])).rejects.toThrow('--output FILE')
  })
})

describe('a canary, a shadow and a hold', () => {
  it('are begun anew', () => {
    const since = '2026-11-25T10:00:00.000Z'
    const release = {
      ...RELEASE,
      canary: { version: '1.2.0', share: 0.05, since },
      shadow: { version: '1.3.0', since },
      hold: { until: null, by: { kind: 'operator' as const, name: 'ada' }, reason: 'a sale' },
    }
    expect(restoreSteps({ name: 'late-arrival', release, published: [] })).toEqual([
      'nearcast release late-arrival switch 1.1.0',
      'nearcast release late-arrival shadow 1.3.0',
      'nearcast release late-arrival canary 1.2.0 0.05    # begins anew',
      'nearcast release late-arrival hold    # a sale',
    ])
  })
})
