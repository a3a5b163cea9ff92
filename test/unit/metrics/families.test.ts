import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expositionText } from '../../../src/core/prometheus.ts'
import { bundledRelease, type Release } from '../../../src/core/release/release.ts'
import { LIMITS } from '../../../src/core/statistics/counts.ts'
import { countsOf } from '../../../src/core/statistics/delta.ts'
import { addTotals, emptyTotals, type StatisticsTotals, totalsOf } from '../../../src/core/statistics/totals.ts'
import { METRICS } from '../../../src/protocol/metrics.ts'
import { type MetricSources, metricFamilies } from '../../../src/serving/metric-families.ts'
import { NO_FINDINGS } from '../../../src/serving/watch-findings.ts'
import { type ReadMetrics, readExposition } from '../../support/exposition.ts'
import { deltaOf } from '../../support/statistics.ts'

const AT = Date.UTC(2026, 10, 1)
const bundled = bundledRelease('late-arrival', '1.0.0')
const release: Release = {
  ...bundled,
  revision: 7,
  canary: { version: '1.1.0', share: 0.05, since: 0 },
  shadow: { version: '1.2.0', since: 0 },
  fallback: '0.9.0',
}

const read = (over: Partial<MetricSources> = {}): ReadMetrics => {
  const sources: MetricSources = {
    totals: emptyTotals(),
    codeVersions: ['code-1'],
    shards: { answered: 4, of: 4 },
    letters: { waiting: 3, by_state: { waiting: 3 }, by_stage: {}, by_code: {}, counted: 9, payload_bytes: 120 },
    watch: NO_FINDINGS,
    releases: [release],
    version: '0.1.0',
    codeVersion: 'code-1',
    ...over,
  }
  return readExposition(expositionText(metricFamilies(sources)))
}

const counted = (version: string, at = AT): StatisticsTotals => totalsOf(countsOf(deltaOf('i', 1, 10, at, version)), at)
const all = (): StatisticsTotals =>
  addTotals(counted('1.0.0'), {
    ...emptyTotals(),
    load_failures: { 'late-arrival@1.1.0': 2 },
    requests: { 'predict 2xx': 7 },
    browser: { '/v1/events': { format: 1, bins: [4], counts: [1], unknown: 0 } },
  })

const v1 = { model_name: 'late-arrival', model_version: '1.0.0' }

describe('the metrics', () => {
  it('tell what was counted, of each version', () => {
    const { value } = read({ totals: all() })
    expect(value('nearcast_predictions_total', { ...v1, outcome: 'ok' })).toBe(10)
    expect(value('nearcast_degraded_predictions_total', { ...v1, flag: 'zip_unknown' })).toBe(10)
    expect(value('nearcast_zip_lookups_total', { outcome: 'memory' })).toBe(1)
    expect(value('nearcast_load_failures_total', { ...v1, model_version: '1.1.0' })).toBe(2)
    expect(value('nearcast_requests_total', { route: 'predict', status: '2xx' })).toBe(7)
    expect(value('nearcast_prediction_duration_seconds_bucket', { ...v1, le: '0.003' })).toBe(0)
    expect(value('nearcast_prediction_duration_seconds_bucket', { ...v1, le: '0.004' })).toBe(16)
    expect(value('nearcast_prediction_duration_seconds_bucket', { ...v1, le: '+Inf' })).toBe(16)
    expect(value('nearcast_prediction_duration_seconds_sum', v1)).toBe(0.064)
    const total = { ...v1, stage: 'total' }
    expect(value('nearcast_stage_duration_seconds_bucket', { ...total, le: '0.003' })).toBe(0)
    expect(value('nearcast_stage_duration_seconds_bucket', { ...total, le: '0.005' })).toBe(16)
    expect(Math.abs((value('nearcast_stage_duration_seconds_sum', total) ?? 0) - 0.064)).toBeLessThan(0.001)
    expect(value('nearcast_prediction_duration_unknown_total', v1)).toBe(16)
  })

  it('tell how long browsers say that they waited, and how reads of the zip store ended', () => {
    const browser = { '/v1/predict': { format: 1 as const, bins: [0, 70], counts: [3, 1], unknown: 0 } }
    const { value } = read({ totals: { ...emptyTotals(), browser, zip_reads: { hit: 5, timeout: 2 } } })
    const route = { route: '/v1/predict' }
    expect(value('nearcast_browser_request_duration_seconds_count', route)).toBe(4)
    expect(value('nearcast_browser_request_duration_seconds_bucket', { ...route, le: '0.0015' })).toBe(3)
    expect(['hit', 'miss', 'timeout'].map((outcome) => value('nearcast_zip_reads_total', { outcome }))).toEqual([
      5, 0, 2,
    ])
  })

  it('tell what the watch found, and nothing where it did not answer', () => {
    const watch = {
      drifted: [
        { model: 'late-arrival', version: '1.0.0', series: 0 },
        { model: 'late-arrival', version: '1.1.0', series: 2 },
      ],
      zipMonth: Date.UTC(2026, 10),
    }
    const { value } = read({ watch })
    expect(value('nearcast_drifted_series', v1)).toBe(0)
    expect(value('nearcast_drifted_series', { ...v1, model_version: '1.1.0' })).toBe(2)
    expect(value('nearcast_zip_data_timestamp_seconds')).toBe(Date.UTC(2026, 10) / 1_000)
    const { families } = read()
    expect(families.has('nearcast_drifted_series') || families.has('nearcast_zip_data_timestamp_seconds')).toBe(false)
  })

  it('show no duration of a version none is known of', () => {
    const { versions } = counted('1.0.0')
    const key = 'late-arrival@1.0.0'
    const one = versions[key]
    if (one === undefined) throw new Error('nothing was counted')
    const latency = { counts: one.latency.counts.map(() => 0), sum_microseconds: 0, unknown: 32 }
    const { samples, value } = read({ totals: { ...emptyTotals(), versions: { [key]: { ...one, latency } } } })
    expect(samples.filter(({ name }) => name.startsWith('nearcast_prediction_duration_seconds'))).toEqual([])
    expect(value('nearcast_prediction_duration_unknown_total', v1)).toBe(32)
  })

  it('begin the failures of a released version at 0, so that the first one is an increase', () => {
    const { value } = read()
    expect(value('nearcast_predictions_total', { ...v1, model_version: '1.1.0', outcome: 'model_failed' })).toBe(0)
    expect(value('nearcast_rejected_total', { code: 'queue_unavailable' })).toBe(0)
    expect(value('nearcast_zip_lookups_total', { outcome: 'unknown' })).toBe(0)
    expect(value('nearcast_limit_faults_total', { fault: 'timeout' })).toBe(0)
  })

  it('leave out the sums when a shard did not answer: without it they would fall', () => {
    const { families, value } = read({ totals: null, shards: { answered: 3, of: 4 } })
    expect(families.has('nearcast_predictions_total')).toBe(false)
    expect(value('nearcast_statistics_shards_answered')).toBe(3)
    expect(value('nearcast_statistics_shards')).toBe(4)
    expect(value('nearcast_dead_letters', { state: 'waiting' })).toBe(3)
  })

  it('leave out dead letters that cannot be counted, which is not the same as none', () => {
    expect(read({ letters: null }).families.has('nearcast_dead_letters')).toBe(false)
    expect(read().value('nearcast_dead_letters', { state: 'replaying' })).toBe(0)
  })

  it('tell what each version of a release is, and what share it answers', () => {
    const { value } = read()
    const version = (model_version: string) => ({ ...v1, model_version })
    for (const [role, name] of [
      ['stable', '1.0.0'],
      ['canary', '1.1.0'],
      ['shadow', '1.2.0'],
      ['fallback', '0.9.0'],
    ] as const)
      expect(value('nearcast_release_info', { ...version(name), role })).toBe(1)
    expect(value('nearcast_release_share_ratio', version('1.0.0'))).toBe(0.95)
    expect(value('nearcast_release_share_ratio', version('1.1.0'))).toBe(0.05)
    expect(value('nearcast_release_revision', { model_name: 'late-arrival' })).toBe(7)
    expect(read({ releases: [bundled] }).value('nearcast_release_share_ratio', v1)).toBe(1)
  })

  it('are bounded: of many versions those that were counted last, and those that are released', () => {
    const totals = Array.from({ length: 50 }, (_, i) => counted(`2.0.${i}`, AT + i * 60_000)).reduce(addTotals)
    const shown = new Set(
      read({ totals })
        .samples.filter(({ name }) => name === 'nearcast_predictions_total')
        .map(({ labels }) => labels.model_version),
    )
    expect(shown.size).toBe(LIMITS.versions + 4)
    expect([shown.has('2.0.49'), shown.has('2.0.18'), shown.has('2.0.17'), shown.has('1.0.0')]).toEqual([
      true,
      true,
      false,
      true,
    ])
  })

  it('write each declared metric, with its type, its help and its labels, and no other', () => {
    const watch = { drifted: [{ model: 'm', version: '1.0.0', series: 1 }], zipMonth: AT }
    const { families, samples } = read({ totals: all(), watch })
    const declared = Object.values(METRICS)
    expect([...families].sort()).toEqual(declared.map(({ name, type, help }) => [name, { type, help }]).sort())
    for (const { name, labels } of samples) {
      const of = declared.find(
        (one) => name === one.name || (one.type === 'histogram' && name.startsWith(`${one.name}_`)),
      )
      expect(Object.keys(labels).filter((label) => label !== 'le')).toEqual(of?.labels)
    }
  })

  it('are listed in the documentation, each with its type and labels', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/operating.md'), 'utf8')
    const listed = [...page.matchAll(/^\| `(nearcast_\w+)` \| (\w+) \|[^|]*\|([^|]*)\|/gm)].map(
      ([, name, type, labels = '']) => [name, type, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)],
    )
    expect(listed).toEqual(Object.values(METRICS).map(({ name, type, labels }) => [name, type, labels]))
  })
})
