/** What of the statistics goes into the alerts, and that it is what the Prometheus rules count. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  alertCountsOf,
  mergeAlertCounts,
  REJECTED_FAILURES,
  VERSION_FAILURES,
  ZIP_STORE_FAILURES,
} from '../../../src/core/alerts/alert-counts.ts'
import { alertStretch, readAlertCountsReply } from '../../../src/core/alerts/alert-windows.ts'
import { type AlertCounts, NO_ALERT_COUNTS } from '../../../src/core/alerts/conditions.ts'
import { ALERT_WINDOWS } from '../../../src/core/alerts/rules.ts'
import { emptyCounts, mergeCounts } from '../../../src/core/statistics/counts.ts'
import { countsOf } from '../../../src/core/statistics/delta.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import { deltaOf, probabilities } from '../../support/statistics.ts'

const NOW = Date.UTC(2026, 10, 25, 12, 34, 56)

test('the codes are those of the recording rules', () => {
  const rules = readFileSync('ops/prometheus/rules.yaml', 'utf8')
  const choices = new Set(
    [...rules.matchAll(/(outcome|code)=~"([^"]+)"/g)].map(([, label, codes]) => `${label} ${codes}`),
  )
  expect([...choices].sort()).toEqual(
    [
      `outcome ${VERSION_FAILURES.join('|')}`,
      `outcome ok|${VERSION_FAILURES.join('|')}`,
      `code ${REJECTED_FAILURES.join('|')}`,
      `outcome ${ZIP_STORE_FAILURES.join('|')}`,
    ].sort(),
  )
})

test('failures of ours count, bad input of callers does not', () => {
  const builder = new DeltaBuilder(probabilities)
  builder.failure('m', '1.0.0', 'model_failed', NOW)
  builder.failure('m', '1.0.0', 'invalid_feature', NOW)
  builder.rejected('queue_unavailable', NOW)
  builder.rejected('missing_time', NOW)
  builder.zipLookup('unknown', NOW)
  builder.zipLookup('missing', NOW)
  builder.zipLookup('timeout', NOW)
  builder.latency('m', '1.0.0', { known: true, milliseconds: 100 }, 16, NOW)
  builder.latency('m', '1.0.0', { known: true, milliseconds: 101 }, 16, NOW)
  builder.loadFailure('m', '1.1.0', NOW)
  builder.lost(7, NOW)
  const delta = builder.toDelta({ isolate: 'a', sequence: 1, codeVersion: 'c' })
  expect(alertCountsOf(mergeCounts(countsOf(delta), countsOf(deltaOf('a', 1, 10, NOW))))).toEqual({
    events: 12,
    failures: 2,
    timed: 48,
    fast: 32,
    zips: 3,
    unknownZips: 1,
    zipStoreFailures: 1,
    lost: 7,
    loadFailures: [{ model: 'm', version: '1.1.0', count: 1 }],
  } satisfies AlertCounts)
  expect(alertCountsOf(emptyCounts())).toEqual(NO_ALERT_COUNTS)
})

test('windows begin at whole minutes, and beyond an hour at whole hours', () => {
  const lengths = ALERT_WINDOWS.map((window) => {
    const { from, to } = alertStretch(window, NOW)
    expect(to - NOW).toBe(4_000)
    expect(from % (to - from > 2 * HOUR ? HOUR : MINUTE)).toBe(0)
    return (to - from) / MINUTE
  })
  expect(lengths).toEqual([6, 11, 16, 31, 61, 6 * 60 + 35, 24 * 60 + 35, 72 * 60 + 35])
})

test('merging is the same in any order', () => {
  const counts = fc.record({
    ...Object.fromEntries(
      Object.keys(NO_ALERT_COUNTS)
        .filter((name) => name !== 'loadFailures')
        .map((name) => [name, fc.nat()]),
    ),
    loadFailures: fc.uniqueArray(
      fc.record({ model: fc.constantFrom('a', 'b'), version: fc.constantFrom('1.0.0', '2.0.0'), count: fc.nat() }),
      { selector: ({ model, version }) => `${model}@${version}` },
    ),
  }) as unknown as fc.Arbitrary<AlertCounts>
  const sorted = (one: AlertCounts): AlertCounts => ({
    ...one,
    loadFailures: [...one.loadFailures].sort((x, y) =>
      `${x.model}@${x.version}`.localeCompare(`${y.model}@${y.version}`),
    ),
  })
  fc.assert(
    fc.property(counts, counts, counts, (a, b, c) => {
      expect(sorted(mergeAlertCounts(mergeAlertCounts(c, a), b))).toEqual(
        sorted(mergeAlertCounts(a, mergeAlertCounts(b, c))),
      )
    }),
  )
})

test('a reply of another format, or that lacks a window, is refused by name', () => {
  const windows = Object.fromEntries(ALERT_WINDOWS.map((window) => [window, NO_ALERT_COUNTS]))
  expect(readAlertCountsReply({ format: 1, windows, models: [] })).toEqual({ format: 1, windows, models: [] })
  expect(() => readAlertCountsReply({ format: 2, windows, models: [] })).toThrow('have format 2, expected 1')
  expect(() => readAlertCountsReply({ format: 1, windows: { ...windows, '6h': {} }, models: [] })).toThrow('lack 6h')
  expect(() => readAlertCountsReply({ format: 1, windows })).toThrow('lack the models')
})
