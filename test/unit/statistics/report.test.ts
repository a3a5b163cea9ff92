import { describe, expect, it } from 'vitest'
import { UNKNOWN_DURATION } from '../../../src/core/clock.ts'
import { emptyCounts, mergeCounts } from '../../../src/core/statistics/counts.ts'
import { countsOf } from '../../../src/core/statistics/delta.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { statisticsReport } from '../../../src/core/statistics/report.ts'
import { deltaOf, probabilities } from '../../support/statistics.ts'

const AT = Date.UTC(2026, 10, 1)
const frame = { window: '5m', from: AT - 300_000, asOf: AT, shards: { answered: 3, of: 4 } } as const

describe('the share of unknown zips', () => {
  const shareOf = (zip_lookups: Record<string, number>) =>
    statisticsReport(
      { ...emptyCounts(), zip_lookups },
      { window: '5m', from: 0, asOf: 0, shards: { answered: 1, of: 1 } },
    ).unknown_zip_share

  it('is of the lookups of a zip: an event without one asks for none', () => {
    expect(shareOf({ memory: 6, unknown: 2, missing: 100 })).toBe(0.25)
    expect(shareOf({ memory: 6 })).toBe(0)
  })

  it('is null when no zip was looked up', () => {
    expect(shareOf({ missing: 5 })).toBeNull()
  })
})

describe('the statistics report', () => {
  it('says by model and version how many, how many failed and why, how slow', () => {
    const builder = new DeltaBuilder(probabilities)
    builder.failure('late-arrival', '1.0.0', 'model_failed', AT)
    builder.rejected('invalid_json', AT)
    const failed = countsOf(builder.toDelta({ isolate: 'b', sequence: 1, codeVersion: 'code-2' }))
    const report = statisticsReport(mergeCounts(countsOf(deltaOf('a', 1, 99, AT)), failed), frame)
    expect(report).toMatchObject({
      window: '5m',
      from: AT - 300_000,
      to: AT,
      as_of: AT,
      rejected: { invalid_json: 1 },
      zip_lookups: { memory: 1 },
      lost: 0,
      code_versions: { 'code-1': 99, 'code-2': 2 },
      // Bad JSON is a caller's fault and spends nothing.
      code_outcomes: { 'code-1': { events: 99, failed: 0 }, 'code-2': { events: 1, failed: 1 } },
      shards: { answered: 3, of: 4 },
    })
    const version = report.models['late-arrival'].versions['1.0.0']
    expect(version).toMatchObject({
      predictions: 99,
      errors: { model_failed: 1 },
      error_share: 0.01,
      degraded: { zip_unknown: 99 },
      latency: { count: 16, unknown: 16, sum_seconds: 0.064 },
    })
    expect(version.latency.p50).toBeGreaterThan(0.003)
    expect(version.latency.p50).toBeLessThanOrEqual(0.004)
    expect(version.latency.buckets.at(-1)).toEqual({ le: '+Inf', count: 16 })
    expect(version.latency.buckets.find(({ le }) => le === 0.003)).toEqual({ le: 0.003, count: 0 })
    expect(version.outputs.late_probability.counts.reduce((sum, count) => sum + count)).toBe(99)
  })

  it('shows null where nothing is known, never 0', () => {
    const builder = new DeltaBuilder(probabilities)
    builder.latency('m', '1.0.0', UNKNOWN_DURATION, 16, AT)
    const delta = builder.toDelta({ isolate: 'a', sequence: 1, codeVersion: 'c' })
    const version = statisticsReport(countsOf(delta), frame).models.m.versions['1.0.0']
    expect(version.error_share).toBeNull()
    expect(version.latency).toMatchObject({ count: 0, unknown: 16, p50: null, p90: null, p99: null })
  })

  it('is JSON, also when empty', () => {
    const report = statisticsReport(emptyCounts(), frame)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(report.models).toEqual({})
  })
})
