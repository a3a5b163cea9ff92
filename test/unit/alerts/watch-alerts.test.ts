/** What the watch does about alerts, on a clock in the test's hand: what it lists, whom it tells, and what it does while parts are down. */
import { beforeEach, describe, expect, it } from 'vitest'
import { alertWebhook } from '../../../src/adapters/alert-webhook.ts'
import type { AlertWindows } from '../../../src/core/alerts/alert-windows.ts'
import { type AlertCounts, NO_ALERT_COUNTS } from '../../../src/core/alerts/conditions.ts'
import { ALERT_WINDOWS } from '../../../src/core/alerts/rules.ts'
import { alertsSchema } from '../../../src/protocol/alerts.ts'
import type { ReleaseReply } from '../../../src/serving/ports/release-control.ts'
import { AlertReader } from '../../../src/serving/read-alerts.ts'
import { type AlertParts, ageInMonths, alertDuties, driftedOf } from '../../../src/serving/watch-alerts.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const START = Date.UTC(2026, 10, 25)
const URL = 'https://hooks.example/services/SECRET'
const BURNING: AlertCounts = { ...NO_ALERT_COUNTS, events: 1_000, failures: 100 }
const windowsOf = (counts: AlertCounts): AlertWindows =>
  Object.fromEntries(ALERT_WINDOWS.map((window) => [window, counts])) as unknown as AlertWindows
const totals = { waiting: 0 } as Awaited<ReturnType<AlertParts['letters']['totals']>>
const released: ReleaseReply = { format: 1, release: null, history: [] }

let clock: ManualClock
beforeEach(() => {
  clock = new ManualClock(START)
})

const watching = (
  given: Partial<AlertParts> & {
    readonly receive?: (body: string) => Promise<Response>
    readonly slack?: boolean
  } = {},
) => {
  const notes = new Map<string, string>()
  const kept = {
    read: (name: string): unknown => JSON.parse(notes.get(name) ?? 'null'),
    write: (name: string, value: unknown) => void notes.set(name, JSON.stringify(value)),
  }
  const state = { counts: NO_ALERT_COUNTS as AlertCounts, answered: 4 }
  const lines: string[] = []
  const bodies: string[] = []
  const { receive, slack, ...parts } = given
  const request = (async (_: string, init: RequestInit) => {
    bodies.push(String(init.body))
    return receive?.(String(init.body)) ?? new Response()
  }) as unknown as typeof fetch
  const duties = alertDuties({
    counts: {
      read: async () => ({
        windows: state.answered < 4 ? null : windowsOf(state.counts),
        shards: { asked: 4, answered: state.answered },
        models: [],
      }),
    },
    letters: { totals: async () => totals },
    control: { read: async () => released },
    zipRelease: async () => '2026-11',
    models: ['late-arrival'],
    ...(receive !== undefined && {
      sink: alertWebhook({ url: URL, format: slack ? 'slack' : 'json' }, clock, request),
    }),
    clock,
    timers: clock,
    random: () => 0,
    log: (line) => lines.push(String(line)),
    staleMonths: 18,
    repeatMilliseconds: 14_400_000,
    deadlineMilliseconds: 2_000,
    ...parts,
  })
  /** Does every duty once, each `seconds`, for as long. */
  const turn = async (times = 1, seconds = 10): Promise<void> => {
    for (let index = 0; index < times; index++) {
      await clock.advance(seconds * 1_000)
      for (const duty of duties) {
        const run = duty.run(kept, clock.epochMilliseconds())
        await settle()
        await Promise.race([run, clock.advance(0)])
      }
    }
  }
  const reader = new AlertReader({ watch: { note: async (name) => kept.read(name) }, clock, deadlineMilliseconds: 100 })
  const read = async () => alertsSchema.strict().parse(await reader.read())
  return { state, lines, bodies, turn, read, kept }
}

describe('the watch', () => {
  it('lists a burn of the budget at once, and resolves it once it was clean for five minutes', async () => {
    const { state, turn, read } = watching()
    expect(await read()).toMatchObject({ evaluated_at: null, stale: true, alerts: [] })
    await turn()
    expect(await read()).toMatchObject({
      evaluated_at: START + 10_000,
      stale: false,
      alerts: [],
      unknown: ['NearcastDrift'],
    })
    state.counts = BURNING
    await turn()
    const { alerts, recent, delivery } = await read()
    expect(alerts.map(({ labels, state: of, severity }) => `${labels.window} ${of} ${severity}`)).toEqual([
      '1h firing page',
      '6h firing page',
      '3d firing ticket',
    ])
    expect(alerts[0]).toMatchObject({ value: 0.1, since: START + 20_000, firing_since: START + 20_000 })
    expect(recent).toHaveLength(3)
    expect(delivery).toEqual({ webhook: null, waiting: 0, undelivered: [], forgotten: 0 })
    state.counts = NO_ALERT_COUNTS
    await turn(30)
    expect((await read()).alerts).toHaveLength(3)
    await turn()
    expect(await read()).toMatchObject({
      alerts: [],
      recent: [{ to: 'resolved' }, { to: 'resolved' }, { to: 'resolved' }, {}, {}, {}],
    })
  })

  it('keeps an alert while a shard is silent, says what it cannot tell, and pages for the shard after five minutes', async () => {
    const { state, turn, read } = watching()
    state.counts = BURNING
    await turn()
    state.answered = 3
    await turn(60)
    const { alerts, unknown } = await read()
    expect(alerts.filter(({ name }) => name === 'NearcastErrorBudgetBurn')).toHaveLength(3)
    expect(unknown).toContain('NearcastErrorBudgetBurn')
    expect(alerts.find(({ name }) => name === 'NearcastShardsDown')).toMatchObject({ state: 'firing', value: 3 })
  })

  it('goes on while the parts it asks hang or fail, and says which', async () => {
    const hanging = () => new Promise<never>(() => undefined)
    const { turn, read, lines } = watching({
      counts: { read: hanging },
      letters: { totals: () => Promise.reject(new Error('down')) },
      control: { read: hanging },
      zipRelease: hanging,
    })
    await turn()
    await clock.advance(5_000)
    expect(lines.map((line) => line.replace(/:.*/, '')).sort()).toEqual([
      'alerts without the dead letters',
      'alerts without the releases',
      'alerts without the statistics',
      'alerts without the zip data',
    ])
    const { alerts, unknown } = await read()
    expect(alerts).toMatchObject([{ name: 'NearcastDeadLettersUnreachable', state: 'pending' }])
    expect(unknown).toEqual(
      expect.arrayContaining([
        'NearcastErrorBudgetBurn',
        'NearcastShardsDown',
        'NearcastRolledBack',
        'NearcastZipDataStale',
      ]),
    )
  })

  it('tells of a rollback while a shard hangs', async () => {
    const before = { stable: '1.0.0', canary: { version: '1.1.0', share: 0.1, since: 0 } }
    const history = [{ actor: { kind: 'rule', name: 'r' }, command: { command: 'rollback' }, before }]
    const { turn, read } = watching({
      counts: { read: () => new Promise(() => undefined) },
      control: { read: async () => ({ ...released, history }) as unknown as ReleaseReply },
    })
    await turn()
    await clock.advance(5_000)
    expect((await read()).alerts).toMatchObject([{ name: 'NearcastRolledBack', state: 'firing' }])
  })

  it('lists what the watch noted as drift, old zip data and a rollback that nobody followed', async () => {
    const before = { stable: '1.0.0', canary: { version: '1.1.0', share: 0.1, since: 0 } }
    const history = [{ actor: { kind: 'rule', name: 'r' }, command: { command: 'rollback' }, before }]
    const { turn, read, kept } = watching({
      zipRelease: async () => '2025-04',
      control: { read: async () => ({ ...released, history }) as unknown as ReleaseReply },
    })
    const versions = [{ model: 'm', version: '1.0.0', drifted: [{ key: 'output:p', since: START, causes: [] }] }]
    kept.write('drift', { format: 1, at: START, versions })
    await turn()
    expect((await read()).alerts.map(({ name, labels, value }) => ({ name, labels, value }))).toEqual([
      { name: 'NearcastDrift', labels: { model_name: 'm', model_version: '1.0.0', series: 'output:p' }, value: 1 },
      { name: 'NearcastZipDataStale', labels: {}, value: 19 },
      { name: 'NearcastRolledBack', labels: { model_name: 'late-arrival', model_version: '1.1.0' }, value: 1 },
    ])
  })
})

describe('a webhook', () => {
  it('is told of what fires and what is over, in order, and of a page again each four hours', async () => {
    const { state, turn, bodies } = watching({ receive: async () => new Response('ok') })
    state.counts = { ...NO_ALERT_COUNTS, timed: 1_000, fast: 900 }
    await turn()
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      {
        format: 1,
        service: 'nearcast',
        status: 'firing',
        name: 'NearcastSlow',
        severity: 'page',
        labels: {},
        value: 0.9,
        at: '2026-11-25T00:00:10.000Z',
        runbook: 'docs/operating.md#nearcastslow',
      },
    ])
    await turn(239, 60)
    expect(bodies).toHaveLength(1)
    await turn(2, 60)
    expect(bodies).toHaveLength(2)
    state.counts = NO_ALERT_COUNTS
    await turn(10, 60)
    expect(bodies.map((body) => JSON.parse(body).status)).toEqual(['firing', 'firing', 'resolved'])
  })

  it('gets what Slack reads, with its markup escaped', async () => {
    const { turn, bodies, kept } = watching({ receive: async () => new Response('ok'), slack: true })
    const drifted = [{ key: 'field:<a&b>', since: START, causes: [] }]
    kept.write('drift', { format: 1, at: START, versions: [{ model: 'm', version: '1.0.0', drifted }] })
    await turn()
    const { text, blocks } = JSON.parse(bodies[0] ?? '')
    expect(text).toBe(
      'FIRING (ticket): NearcastDrift, model_name m, model_version 1.0.0, series field:&lt;a&amp;b&gt;, value 1',
    )
    expect(blocks).toHaveLength(2)
  })

  it('that fails is tried again, ever more seldom, and gets everything in order once it is back', async () => {
    let isDown = true
    const { state, turn, bodies, read, lines } = watching({
      receive: async () => new Response(null, { status: isDown ? 503 : 200 }),
    })
    state.counts = BURNING
    await turn(30)
    const tries = bodies.length
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(10)
    expect(new Set(bodies).size).toBe(1)
    expect((await read()).delivery).toMatchObject({ webhook: 'json', waiting: 3, undelivered: [] })
    expect(lines[0]).toBe('an alert was not delivered, try 1: Error: the webhook answered 503')
    isDown = false
    await turn(30)
    expect(bodies.slice(tries).map((body) => JSON.parse(body).labels.window)).toEqual(['1h', '6h', '3d'])
    expect((await read()).delivery.waiting).toBe(0)
  })

  it('that stays down leaves its notifications undelivered after an hour, and its address in no line', async () => {
    const { state, turn, read, lines } = watching({ receive: () => Promise.reject(new Error(`cannot reach ${URL}`)) })
    state.counts = BURNING
    await turn(1)
    await turn(240, 60)
    const { delivery } = await read()
    expect(delivery.undelivered.length).toBeGreaterThan(0)
    expect(delivery.undelivered[0]).toMatchObject({
      name: 'NearcastErrorBudgetBurn',
      to: 'firing',
      labels: { window: '1h' },
    })
    expect(lines.join()).not.toContain('SECRET')
  })

  it('that hangs holds up no look', async () => {
    const { state, turn, read } = watching({ receive: () => new Promise(() => undefined) })
    state.counts = BURNING
    await turn()
    const at = (await read()).evaluated_at
    await turn()
    expect((await read()).evaluated_at).toBe((at ?? 0) + 10_000)
  })
})

describe('reading the alerts', () => {
  it('says that they are old when nobody has looked for a minute', async () => {
    const { turn, read } = watching()
    await turn()
    await clock.advance(60_000)
    expect((await read()).stale).toBe(false)
    await clock.advance(1)
    expect((await read()).stale).toBe(true)
  })

  it('fails by name when the watch does not answer', async () => {
    const note = () => Promise.reject(new Error('the watch did not answer in time'))
    const reader = new AlertReader({ watch: { note }, clock, deadlineMilliseconds: 100 })
    await expect(reader.read()).rejects.toMatchObject({ code: 'statistics_unavailable' })
  })
})

it.each([
  ['2026-11', 0],
  ['2025-11', 12],
  ['2026-12', -1],
  ['2026-11-02', 0],
  ['november', null],
  ['2026-113', null],
])('the age of %s is %s months', (release, months) => {
  expect(ageInMonths(release, START)).toBe(months)
})

it('a note of drift in another form tells nothing', () => {
  expect(driftedOf(null, START)).toBeNull()
  expect(driftedOf({ format: 2, at: START, versions: [] }, START)).toBeNull()
  expect(driftedOf({ format: 1, at: START - 3 * 3_600_000 - 1, versions: [] }, START)).toBeNull()
  expect(driftedOf({ format: 1, at: START - 3 * 3_600_000, versions: [] }, START)).toEqual([])
  expect(
    driftedOf(
      { format: 1, at: START, versions: [3, { model: 'm' }, { model: 'm', version: '1', drifted: [{}] }] },
      START,
    ),
  ).toEqual([])
})
