/** `nearcast dead-letters` as it is called: what it sends, prints and exits with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/dead-letters.ts'
import { type AdminServer, startAdminServer } from '../../support/admin-server.ts'
import { runCommand } from '../../support/command-output.ts'

const AT = '2026-11-24T10:00:00.000Z'
const LETTER = {
  id: 'letter-1',
  state: 'waiting',
  stage: 'read',
  code: 'missing_time',
  message: 'no time: looked for createdDateTime',
  path: 'createdDateTime',
  event: null,
  model: 'late-arrival',
  model_version: null,
  code_version: 'code-1',
  received_at: AT,
  sent_at: null,
  is_public: true,
  is_bot: false,
  first_failed_at: AT,
  last_failed_at: AT,
  changed_at: AT,
  attempts: 0,
  is_body: false,
  is_cut: false,
  bytes: 19,
  reason: null,
}
const PAGE = {
  letters: [LETTER],
  cursor: null,
  totals: {
    waiting: 1_500,
    by_state: { waiting: 1_500, replayed: 3 },
    by_stage: { read: 1_503 },
    by_code: { missing_time: 1_503 },
    counted: 7,
    payload_bytes: 28_557,
  },
}

const counts = (over: object) => ({
  would_replay: 0,
  replaying: 0,
  still_fails: 0,
  not_replayable: 0,
  unknown: 0,
  ...over,
})
const answerOf = (over: object) => ({
  dry_run: false,
  counts: counts({ replaying: 1 }),
  fixes: [],
  letters: [{ id: 'letter-1', outcome: 'replaying', events: 1 }],
  cursor: null,
  remaining: [],
  ...over,
})

let server: AdminServer
let folder: string
beforeAll(async () => {
  server = await startAdminServer()
  folder = mkdtempSync(join(tmpdir(), 'dead-letters-'))
})
beforeEach(() => {
  server.asked.length = 0
  server.answer = { status: 200, body: PAGE }
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.stop()
})

const running = (...args: string[]) => runCommand(command, [...args, '--url', server.url, '--token', 'secret'])
const ok = (body: unknown) => ({ status: 200, body })
const bodies = (): unknown[] =>
  server.asked.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body.toString()))

const rulesFile = (rules: unknown): string => {
  const file = join(folder, 'rules.json')
  writeFileSync(file, typeof rules === 'string' ? rules : JSON.stringify(rules))
  return file
}

describe('nearcast dead-letters', () => {
  it('lists, by filters, with totals', async () => {
    const { code, stdout } = await running('list', '--code', 'missing_time', '--from', '2026-11-24', '--limit', '10')
    expect(code).toBe(0)
    const { path, token } = server.asked[0] ?? {}
    expect(token).toBe('secret')
    expect(path).toBe('/admin/dead-letters?code=missing_time&from=2026-11-24T00%3A00%3A00.000Z&limit=10')
    expect(stdout).toBe(
      [
        `${AT}  letter-1  waiting, read, missing_time`,
        '    no time: looked for createdDateTime',
        '  in all        1500 waiting, 3 replayed',
        '  why           1503 missing_time',
        '  counted only  7 over the quota',
        '  payloads      28557 bytes',
        '',
      ].join('\n'),
    )
  })

  it('lists without being told to, and as JSON', async () => {
    const { stdout } = await running('--json')
    expect(JSON.parse(stdout)).toEqual(PAGE)
  })

  it('shows a letter with its payload', async () => {
    server.answer = ok({ ...LETTER, payload: '{"zipCode":"94107"}', payload_encoding: 'utf-8' })
    const { code, stdout } = await running('show', 'letter-1')
    expect(code).toBe(0)
    expect(server.asked[0]?.path).toBe('/admin/dead-letters/letter-1')
    expect(stdout).toContain('  code              missing_time\n')
    expect(stdout).toContain('utf-8, 19 bytes\n{"zipCode":"94107"}\n')
  })

  it('replays page by page, and adds up', async () => {
    const fixes = [{ op: 'rename', from: 'ts', to: 'createdDateTime' }]
    server.first.push(
      ok(PAGE),
      ok(answerOf({ cursor: '7', fixes: [{ rule: 1, applied: 1, skipped: 0 }] })),
      ok(
        answerOf({
          counts: counts({ still_fails: 1 }),
          letters: [{ id: 'letter-2', outcome: 'still_fails', events: 0, code: 'missing_time', message: 'no time' }],
          fixes: [{ rule: 1, applied: 0, skipped: 1 }],
        }),
      ),
    )
    const { code, stdout, stderr } = await running('replay', '--code', 'missing_time', '--fixes', rulesFile(fixes))
    const body = { filter: { code: 'missing_time' }, fixes, dry_run: false, again: false }
    expect(bodies()).toEqual([body, { ...body, cursor: '7' }])
    expect(stdout).toBe(
      [
        '1 of 2 letters are in the queue',
        '  rule 1        applied to 1 events, nothing to do in 1',
        '  1 left: missing_time: no time',
        '    letter-2',
        '',
      ].join('\n'),
    )
    expect(code).toBe(1)
    expect(stderr).toContain('1 of 2 letters stay as they are')
  })

  it('replays letters by their ids, also those that one call did not come to', async () => {
    server.first.push(ok(answerOf({ remaining: ['b'] })), ok(answerOf({})))
    const { code } = await running('replay', 'a', 'b', '--again')
    expect(code).toBe(0)
    expect(bodies()).toMatchObject([{ ids: ['a', 'b'], again: true }, { ids: ['b'] }])
  })

  it('tries without doing', async () => {
    server.first.push(ok(PAGE), ok(answerOf({ dry_run: true, counts: counts({ would_replay: 1 }) })))
    const { code, stdout } = await running('replay', '--all', '--dry-run')
    expect(code).toBe(0)
    expect(bodies()).toMatchObject([{ filter: {}, dry_run: true }])
    expect(stdout).toContain('1 of 1 letters would be replayed; nothing was done')
  })

  it('discards, with a reason', async () => {
    server.first.push(ok(PAGE), ok({ discarded: ['a', 'b'], cursor: '2' }), ok({ discarded: ['c'], cursor: null }))
    const { code, stdout } = await running('discard', '--stage', 'receive', '--reason', 'a scanner')
    expect(code).toBe(0)
    expect(bodies()).toEqual([
      { filter: { stage: 'receive' }, reason: 'a scanner' },
      { filter: { stage: 'receive' }, cursor: '2', reason: 'a scanner' },
    ])
    expect(stdout).toBe('3 letters discarded\n')
  })

  it('tells why the deployment refuses, with exit code 1', async () => {
    server.first.push({ status: 503, body: { code: 'queue_unavailable', detail: 'the queue refused the events' } })
    const { code, stderr } = await running('replay', 'a')
    expect(code).toBe(1)
    expect(stderr).toContain('broken off; what was done until here stays done, so the same command goes on')
    expect(stderr).toContain('the queue refused the events (queue_unavailable)')
  })

  it.each<[string[], string]>([
    [['replay'], 'replay wants ids, a filter such as --code missing_time, or --all'],
    [['replay', 'a', '--code', 'missing_time'], 'replay takes either ids or a filter'],
    [['discard', 'a'], 'discard wants --reason TEXT'],
    [['show'], 'show takes one ID'],
    [['list', '--state', 'lost'], '--state lost: expected one of waiting, replaying, replayed, discarded'],
    [['list', '--from', 'yesterday'], '--from yesterday: expected a day'],
    [['list', '--limit', '0'], '--limit 0: expected a whole number from 1 to 500'],
    [['list', '--reason', 'x'], '--reason does not go with list'],
    [['revive'], 'unknown action "revive"'],
  ])('%j is bad input', async (args, message) => {
    await expect(running(...args)).rejects.toThrow(UsageError)
    await expect(running(...args)).rejects.toThrow(message)
    expect(server.asked).toEqual([])
  })

  it('names rule, place and value of a rule that is none, before anything is sent', async () => {
    const file = rulesFile([
      { op: 'set', path: 'a', value: 1 },
      { op: 'cast', path: 'a', to: 'integer' },
    ])
    await expect(running('replay', '--all', '--fixes', file)).rejects.toThrow(
      /rules\.json, rule 2, to: is "integer"; expected number, string or epoch_milliseconds/,
    )
    await expect(running('replay', '--all', '--fixes', rulesFile('{}'))).rejects.toThrow('expected an array of rules')
    await expect(running('replay', '--all', '--fixes', rulesFile('['))).rejects.toThrow('rules.json: ')
    expect(server.asked).toEqual([])
  })
})
