/** `nearcast release` as it is called: what it sends, prints and exits with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/release.ts'
import { readDeployment } from '../../../src/cli/release/deployment.ts'
import { readAction } from '../../../src/cli/release/read-command.ts'
import { type AdminServer, startAdminServer } from '../../support/admin-server.ts'
import { runCommand } from '../../support/command-output.ts'

const AT = '2026-11-24T10:00:00.000Z'
const STATE = { stable: '1.0.0', canary: null, shadow: null, fallback: null, hold: null, rolled_back: [] }
const RELEASE = {
  model: 'm',
  revision: 1,
  ...STATE,
  canary: { version: '1.1.0', share: 0.05, since: AT },
  changed_at: AT,
}
const CHANGE = {
  revision: 1,
  at: AT,
  by: { kind: 'operator', name: 'ada' },
  command: { command: 'canary', version: '1.1.0', share: 0.05 },
  before: STATE,
  after: { ...STATE, canary: RELEASE.canary },
  reason: 'try',
  evidence: null,
}
const FOLLOWS = { busy_isolates_within_seconds: 2, cold_isolates_by: AT, pushed_to: { answered: 3, of: 4 } }

let server: AdminServer
beforeAll(async () => {
  server = await startAdminServer()
})
afterAll(() => server.stop())

const running = (...args: string[]) => runCommand(command, [...args, '--url', server.url, '--token', 'secret'])

describe('nearcast release', () => {
  it('shows the release', async () => {
    server.answer = { status: 200, body: { release: RELEASE, history: [CHANGE] } }
    const { code, stdout } = await running('m')
    expect(code).toBe(0)
    expect(server.asked.at(-1)).toMatchObject({
      method: 'GET',
      path: '/admin/models/m/release?limit=1',
      token: 'secret',
    })
    expect(stdout).toContain(`m, revision 1, since ${AT}\n  stable      1.0.0\n  canary      1.1.0, 5 % of the units`)
  })

  it('shows the history, newest first, with who and why', async () => {
    const rule = {
      ...CHANGE,
      revision: 2,
      by: { kind: 'rule', name: 'errors' },
      command: { command: 'rollback', reason: 'failed' },
      reason: 'failed',
      evidence: { failed: 7 },
    }
    server.answer = { status: 200, body: { release: RELEASE, history: [rule, CHANGE] } }
    const { stdout } = await running('m', 'history', '--limit', '2')
    expect(server.asked.at(-1)?.path).toBe('/admin/models/m/release?limit=2')
    expect(stdout).toBe(
      `     2  ${AT}  rollback, by rule errors: failed\n        {"failed":7}\n     1  ${AT}  canary 1.1.0 5 %, by ada: try\n`,
    )
  })

  it('sends a command, and says who follows by when', async () => {
    server.answer = { status: 200, body: { release: RELEASE, change: CHANGE, propagation: FOLLOWS } }
    const { code, stdout } = await running(
      'm',
      'canary',
      '1.1.0',
      '5%',
      '--reason',
      'try',
      '--expected-revision',
      '0',
      '--by',
      'ada',
    )
    expect(code).toBe(0)
    expect(JSON.parse(server.asked.at(-1)?.body.toString() ?? '')).toEqual({
      command: 'canary',
      version: '1.1.0',
      share: 0.05,
      reason: 'try',
      expected_revision: 0,
      by: 'ada',
    })
    expect(stdout).toContain(`busy isolates within 2 s, cold ones by ${AT}; pushed to 3 of 4 shards\n`)
  })

  it('prints the answer as JSON', async () => {
    const body = { release: RELEASE, change: null, propagation: null }
    server.answer = { status: 200, body }
    expect(JSON.parse((await running('m', 'promote', '--json')).stdout)).toEqual(body)
    expect((await running('m', 'promote')).stdout).toContain('nothing to change\nm, revision 1')
  })

  it('exits with 1 and the reason when the deployment refuses or is not there', async () => {
    server.answer = { status: 409, body: { code: 'release_conflict', detail: 'the release is at revision 2' } }
    expect(await running('m', 'promote')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'nearcast release: the release is at revision 2 (release_conflict)\n',
    })
    server.answer = { status: 502, body: '<html>' }
    expect((await running('m')).stderr).toContain('answered 502 with what is no JSON: <html>')
    const gone = await startAdminServer()
    await gone.stop()
    const { code, stderr } = await runCommand(command, ['m', '--url', gone.url, '--token', 't'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be reached: connect ECONNREFUSED')])
  })

  it('takes bad words and flags for bad input', async () => {
    for (const args of [[], ['m', 'explode'], ['m', '--url', 'nowhere'], ['m', 'canary', '1.1.0']]) {
      await expect(command.run([...args, '--token', 't'])).rejects.toThrow(UsageError)
    }
    await expect(command.run(['m', '--colour'])).rejects.toMatchObject({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' })
  })
})

describe('the words of a command', () => {
  const NOW = Date.UTC(2026, 10, 24, 10)

  it.each([
    [['shadow', '1.1.0'], {}, { command: 'shadow', version: '1.1.0' }],
    [['shadow', 'none'], {}, { command: 'shadow', version: null }],
    [['switch', '1.1.0'], {}, { command: 'switch', version: '1.1.0' }],
    [['canary', '1.1.0', '.5'], {}, { command: 'canary', version: '1.1.0', share: 0.5 }],
    [['hold'], { for: '2h', reason: 'r' }, { command: 'hold', until: '2026-11-24T12:00:00.000Z', reason: 'r' }],
    [['resume'], {}, { command: 'resume' }],
  ])('%j is a command', (words, flags, body) => {
    expect(readAction(words, flags, NOW)).toEqual({ kind: 'command', body })
  })

  it.each([
    [['canary', '1.1.0', '0'], {}, 'share 0: expected more than 0 and less than 1'],
    [['canary', '1.1.0', '100%'], {}, 'share 100%'],
    [['canary', '1.1.0', '-5%'], {}, 'share -5%'],
    [['promote', '1.1.0'], {}, 'promote takes nothing more, not "1.1.0"'],
    [['switch'], {}, 'switch takes VERSION'],
    [['promote'], { for: '2h' }, '--for goes with hold'],
    [['promote'], { limit: '2' }, '--limit goes with history'],
    [['hold'], { for: 'ever' }, '--for ever: expected a length of time'],
    [['promote'], { 'expected-revision': '-1' }, '--expected-revision -1'],
    [['history'], { limit: '1000' }, '--limit 1000: expected a whole number from 1 to 200'],
  ])('%j with %j is bad input', (words, flags, says) => {
    expect(() => readAction(words, flags, NOW)).toThrow(says)
  })
})

describe('the token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-token-'))
  const devVars = join(folder, '.dev.vars')
  writeFileSync(devVars, '# mine\nREAD_TOKEN=r\nexport ADMIN_TOKEN = "of the file"\r\n')
  afterAll(() => rmSync(folder, { recursive: true }))
  const local = 'http://127.0.0.1:8787'

  it('is the flag, else the variable, else on this machine the one in .dev.vars', () => {
    expect(readDeployment({ url: local, token: 'flag' }, { ADMIN_TOKEN: 'variable' }, devVars).token).toBe('flag')
    expect(readDeployment({ url: local }, { ADMIN_TOKEN: 'variable' }, devVars).token).toBe('variable')
    expect(readDeployment({ url: local }, { ADMIN_TOKEN: '' }, devVars).token).toBe('of the file')
    expect(() => readDeployment({ url: 'https://edge.example' }, {}, devVars)).toThrow(
      'no token for https://edge.example',
    )
    expect(() => readDeployment({ url: local }, {}, join(folder, 'none'))).toThrow(UsageError)
  })
})
