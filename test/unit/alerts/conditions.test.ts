/** Each condition on made-up counts: it holds beyond its threshold, not at it, and is unknown without its counts. */
import { describe, expect, test } from 'vitest'
import {
  type AlertCounts,
  type AlertReadings,
  judgeConditions,
  NO_ALERT_COUNTS,
} from '../../../src/core/alerts/conditions.ts'
import { ALERT_WINDOWS, type AlertWindow } from '../../../src/core/alerts/rules.ts'

const QUIET: AlertReadings = {
  windows: Object.fromEntries(ALERT_WINDOWS.map((window) => [window, NO_ALERT_COUNTS])),
  shards: { asked: 4, answered: 4 },
  deadLetters: 0,
  drifted: [],
  zipData: { ageMonths: 1, staleMonths: 13 },
  rollbacks: [],
}
const within = (windows: { readonly [window in AlertWindow]?: Partial<AlertCounts> }): AlertReadings => ({
  ...QUIET,
  windows: {
    ...QUIET.windows,
    ...Object.fromEntries(
      Object.entries(windows).map(([window, counts]) => [window, { ...NO_ALERT_COUNTS, ...counts }]),
    ),
  },
})
const named = (readings: AlertReadings): string[] =>
  judgeConditions(readings).holding.map(({ name, severity, labels }) =>
    `${name} ${severity} ${Object.values(labels).join(' ')}`.trimEnd(),
  )
const failing = (events: number, failures: number): Partial<AlertCounts> => ({ events, failures })

test('nothing holds and nothing is unknown when there was nothing', () => {
  expect(judgeConditions(QUIET)).toEqual({ holding: [], unknown: [] })
})

const BURN = 'NearcastErrorBudgetBurn'
const model = { model: 'm', version: '1.0.0' }
describe.each<{ what: string; fires: AlertReadings; name: string; quiet: readonly AlertReadings[] }>([
  {
    what: 'a burn of 14.4 budgets in an hour',
    fires: within({ '1h': failing(10_000, 145), '5m': failing(1_000, 15) }),
    name: `${BURN} page 1h`,
    quiet: [
      within({ '1h': failing(10_000, 144), '5m': failing(1_000, 15) }),
      within({ '1h': failing(10_000, 145), '5m': failing(1_000, 14) }),
      within({ '1h': failing(9, 9), '5m': failing(9, 9) }),
    ],
  },
  {
    what: 'a burn of 6 budgets in six hours',
    fires: within({ '6h': failing(10_000, 61), '30m': failing(1_000, 7) }),
    name: `${BURN} page 6h`,
    quiet: [within({ '6h': failing(10_000, 60), '30m': failing(1_000, 7) }), within({ '6h': failing(10_000, 61) })],
  },
  {
    what: 'a burn of the budget in three days',
    fires: within({ '3d': failing(10_000, 11), '6h': failing(1_000, 2) }),
    name: `${BURN} ticket 3d`,
    quiet: [within({ '3d': failing(10_000, 10), '6h': failing(1_000, 2) }), within({ '3d': failing(10_000, 11) })],
  },
  {
    what: 'slow requests',
    fires: within({ '1h': { timed: 100, fast: 98 }, '5m': { timed: 10, fast: 9 } }),
    name: 'NearcastSlow page',
    quiet: [
      within({ '1h': { timed: 100, fast: 99 }, '5m': { timed: 10, fast: 9 } }),
      within({ '1h': { timed: 99, fast: 0 }, '5m': { timed: 10, fast: 0 } }),
      within({ '1h': { timed: 100, fast: 98 } }),
    ],
  },
  {
    what: 'many unknown zips',
    fires: within({ '30m': { zips: 100, unknownZips: 21 }, '1d': { zips: 100, unknownZips: 21 } }),
    name: 'NearcastUnknownZips ticket',
    quiet: [
      within({ '30m': { zips: 100, unknownZips: 20 }, '1d': { zips: 100, unknownZips: 20 } }),
      within({ '30m': { zips: 99, unknownZips: 99 } }),
    ],
  },
  {
    what: 'a surge of unknown zips',
    fires: within({ '30m': { zips: 100, unknownZips: 7 }, '1d': { zips: 100, unknownZips: 2 } }),
    name: 'NearcastUnknownZips ticket',
    quiet: [within({ '30m': { zips: 100, unknownZips: 5 }, '1d': { zips: 100, unknownZips: 1 } })],
  },
  {
    what: 'a store that gives nothing',
    fires: within({ '10m': { zips: 100, zipStoreFailures: 6 } }),
    name: 'NearcastZipStoreFailing ticket',
    quiet: [within({ '10m': { zips: 100, zipStoreFailures: 5 } })],
  },
  {
    what: 'a version that is not loaded',
    fires: within({ '15m': { loadFailures: [{ ...model, count: 1 }] } }),
    name: 'NearcastVersionNotLoaded ticket m 1.0.0',
    quiet: [within({ '15m': { loadFailures: [{ ...model, count: 0 }] } })],
  },
  {
    what: 'waiting letters',
    fires: { ...QUIET, deadLetters: 101 },
    name: 'NearcastDeadLettersWaiting ticket',
    quiet: [{ ...QUIET, deadLetters: 100 }],
  },
  {
    what: 'letters out of reach',
    fires: { ...QUIET, deadLetters: 'unreachable' },
    name: 'NearcastDeadLettersUnreachable ticket',
    quiet: [],
  },
  { what: 'lost counts', fires: within({ '1h': { lost: 1 } }), name: 'NearcastStatisticsLost ticket', quiet: [] },
  {
    what: 'shards that do not answer',
    fires: { ...QUIET, shards: { asked: 4, answered: 3 } },
    name: 'NearcastShardsDown page',
    quiet: [],
  },
  {
    what: 'a drifted series',
    fires: { ...QUIET, drifted: [{ ...model, series: 'latitude' }] },
    name: 'NearcastDrift ticket m 1.0.0 latitude',
    quiet: [],
  },
  {
    what: 'old zip data',
    fires: { ...QUIET, zipData: { ageMonths: 14, staleMonths: 13 } },
    name: 'NearcastZipDataStale ticket',
    quiet: [{ ...QUIET, zipData: { ageMonths: 13, staleMonths: 13 } }],
  },
  { what: 'a rollback', fires: { ...QUIET, rollbacks: [model] }, name: 'NearcastRolledBack ticket m 1.0.0', quiet: [] },
])('$what', ({ fires, name, quiet }) => {
  test('is told', () => expect(named(fires)).toEqual([name]))
  test('is not told at the threshold or below the least counts', () => {
    for (const readings of quiet) expect(named(readings)).toEqual([])
  })
})

test('what cannot be read holds nothing and makes everything unknown', () => {
  const { holding, unknown } = judgeConditions({
    windows: {},
    shards: null,
    deadLetters: null,
    drifted: null,
    zipData: null,
    rollbacks: null,
  })
  expect(holding).toEqual([])
  expect(new Set(unknown.map(({ name }) => name)).size).toBe(12)
})
