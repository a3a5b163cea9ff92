/** What is known of the deployment as metrics: which series there are, and what stands at 0 until it happens. */
import type { Family, HistogramSample, Sample } from '../core/prometheus.ts'
import type { Release } from '../core/release/release.ts'
import { type CountBy, LIMITS } from '../core/statistics/counts.ts'
import { LATENCY_BOUNDS_SECONDS, latencyCount } from '../core/statistics/latency-histogram.ts'
import { type LatencySketch, sketchCount, sketchHistogram } from '../core/statistics/latency-sketch.ts'
import type { StatisticsTotals, VersionTotals } from '../core/statistics/totals.ts'
import { BUDGET_CODES, METRICS, type MetricDeclaration } from '../protocol/metrics.ts'
import { DEAD_LETTER_STATES, type DeadLetterTotals } from './ports/dead-letters.ts'
import type { MergedTotals } from './ports/statistics-totals.ts'
import { GATE_FAULTS } from './request-gate.ts'
import type { WatchFindings } from './watch-findings.ts'
import { ZIP_LOOKUP_OUTCOMES } from './zip-lookup.ts'
import { ZIP_READ_OUTCOMES } from './zip-pack-cache.ts'

export interface MetricSources extends MergedTotals {
  /** What the watch last found; `null`: it did not answer, or has not found out. */
  readonly watch: WatchFindings
  /** `null`: their object did not answer. */
  readonly letters: DeadLetterTotals | null
  readonly releases: readonly Release[]
  readonly version: string
  readonly codeVersion: string
}

interface Named {
  readonly labels: { readonly model_name: string; readonly model_version: string }
  readonly counts: VersionTotals | null
}

type Numbers = Extract<MetricDeclaration, { type: 'counter' | 'gauge' | 'histogram' }>

const numbers = ({ name, help, type }: Numbers, samples: readonly Sample[]): Family => {
  if (type === 'histogram') throw new RangeError(`${name} is a histogram`)
  return { name, help, type, samples }
}

const single = (metric: MetricDeclaration, value: number): Family => numbers(metric, [{ labels: {}, value }])

/** One sample for each key of `counts`, and for those of `zeros` that it lacks. */
const byLabel = (label: string, counts: CountBy, zeros: readonly string[], labels: object = {}): Sample[] =>
  [...new Set([...zeros, ...Object.keys(counts)])]
    .sort()
    .map((key) => ({ labels: { ...labels, [label]: key }, value: Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0 }))

const labelsOf = (key: string): Named['labels'] => {
  const at = key.lastIndexOf('@')
  return { model_name: key.slice(0, at), model_version: key.slice(at + 1) }
}

const rolesOf = ({ stable, canary, shadow, fallback }: Release): readonly (readonly [string, string])[] => [
  ['stable', stable],
  ...(canary === null ? [] : [['canary', canary.version] as const]),
  ...(shadow === null ? [] : [['shadow', shadow.version] as const]),
  ...(fallback === null ? [] : [['fallback', fallback] as const]),
]

/**
 * The versions that were counted last, as many as a window holds, and those that a release names. One that is left out comes back with the
 * whole of its counts, so its counters never fall.
 */
const shownVersions = ({ versions }: StatisticsTotals, releases: readonly Release[]): readonly Named[] => {
  const last = Object.entries(versions)
    .sort(([a, one], [b, other]) => other.counted_at - one.counted_at || (a < b ? -1 : 1))
    .slice(0, LIMITS.versions)
    .map(([key]) => key)
  const named = releases.flatMap((release) => rolesOf(release).map(([, version]) => `${release.model}@${version}`))
  return [...new Set([...last, ...named])]
    .sort()
    .map((key) => ({ labels: labelsOf(key), counts: Object.hasOwn(versions, key) ? (versions[key] ?? null) : null }))
}

const durations = ({ labels, counts }: Named): HistogramSample[] => {
  if (counts === null || latencyCount(counts.latency) === 0) return []
  const { latency } = counts
  return [{ labels, bounds: LATENCY_BOUNDS_SECONDS, counts: latency.counts, sum: latency.sum_microseconds / 1e6 }]
}

/** One sample for each sketch in which a duration is known. */
const sketched = (label: string, sketches: Readonly<Record<string, LatencySketch>>, labels: object = {}) =>
  Object.entries(sketches)
    .filter(([, sketch]) => sketchCount(sketch) > 0)
    .map(
      ([key, sketch]): HistogramSample => ({
        labels: { ...labels, [label]: key },
        bounds: LATENCY_BOUNDS_SECONDS,
        ...sketchHistogram(sketch, LATENCY_BOUNDS_SECONDS),
      }),
    )

const versionFamilies = (shown: readonly Named[]): Family[] => {
  const { name, help } = METRICS.duration
  return [
    numbers(
      METRICS.predictions,
      shown.flatMap(({ labels, counts }) => {
        const outcomes = { ...counts?.errors, ok: counts?.predictions ?? 0 }
        return byLabel('outcome', outcomes, BUDGET_CODES.predictions, labels)
      }),
    ),
    numbers(
      METRICS.degraded,
      shown.flatMap(({ labels, counts }) => byLabel('flag', counts?.degraded ?? {}, [], labels)),
    ),
    { name, help, type: 'histogram', samples: shown.flatMap(durations) },
    {
      name: METRICS.stageDuration.name,
      help: METRICS.stageDuration.help,
      type: 'histogram',
      samples: shown.flatMap(({ labels, counts }) => sketched('stage', counts?.stages ?? {}, labels)),
    },
    numbers(
      METRICS.unknownDurations,
      shown.map(({ labels, counts }) => ({ labels, value: counts?.latency.unknown ?? 0 })),
    ),
  ]
}

const countedFamilies = (totals: StatisticsTotals, releases: readonly Release[]): Family[] => [
  ...versionFamilies(shownVersions(totals, releases)),
  numbers(METRICS.rejected, byLabel('code', totals.rejected, BUDGET_CODES.rejected)),
  numbers(METRICS.zipLookups, byLabel('outcome', totals.zip_lookups, ZIP_LOOKUP_OUTCOMES)),
  numbers(METRICS.zipReads, byLabel('outcome', totals.zip_reads, ZIP_READ_OUTCOMES)),
  {
    name: METRICS.browserDuration.name,
    help: METRICS.browserDuration.help,
    type: 'histogram',
    samples: sketched('route', totals.browser),
  },
  single(METRICS.accepted, totals.accepted),
  single(METRICS.lost, totals.lost),
  numbers(METRICS.loadFailures, loadFailures(totals.load_failures, releases)),
  numbers(METRICS.limitFaults, byLabel('fault', totals.limit_faults, GATE_FAULTS)),
  numbers(METRICS.requests, requests(totals.requests)),
]

const requests = (counts: CountBy): Sample[] =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      const [route = '', status = ''] = key.split(' ')
      return { labels: { route, status }, value }
    })

const loadFailures = (counts: CountBy, releases: readonly Release[]): Sample[] => {
  const named = releases.flatMap((release) => rolesOf(release).map(([, version]) => `${release.model}@${version}`))
  return byLabel('version', counts, named).map(({ labels, value }) => ({
    labels: labelsOf(labels.version ?? ''),
    value,
  }))
}

const letterFamilies = ({ by_state, counted, payload_bytes }: DeadLetterTotals): Family[] => [
  numbers(METRICS.deadLetters, byLabel('state', by_state, DEAD_LETTER_STATES)),
  single(METRICS.overQuota, counted),
  single(METRICS.letterBytes, payload_bytes),
]

const sharesOf = ({ model, stable, canary }: Release): Sample[] => {
  const of = (version: string, value: number): Sample => ({ labels: labelsOf(`${model}@${version}`), value })
  return canary === null ? [of(stable, 1)] : [of(stable, 1 - canary.share), of(canary.version, canary.share)]
}

const releaseFamilies = (releases: readonly Release[]): Family[] => [
  numbers(
    METRICS.release,
    releases.flatMap((release) =>
      rolesOf(release).map(([role, version]) => ({
        labels: { ...labelsOf(`${release.model}@${version}`), role },
        value: 1,
      })),
    ),
  ),
  numbers(METRICS.releaseShare, releases.flatMap(sharesOf)),
  numbers(
    METRICS.releaseRevision,
    releases.map(({ model, revision }) => ({ labels: { model_name: model }, value: revision })),
  ),
]

const watchFamilies = ({ drifted, zipMonth }: WatchFindings): Family[] => [
  ...(drifted === null
    ? []
    : [
        numbers(
          METRICS.driftedSeries,
          drifted.map(({ model, version, series }) => ({ labels: labelsOf(`${model}@${version}`), value: series })),
        ),
      ]),
  ...(zipMonth === null ? [] : [single(METRICS.zipData, zipMonth / 1_000)]),
]

/** Every family that can be told of now; what did not answer has none, which is not the same as 0. */
export const metricFamilies = (sources: MetricSources): readonly Family[] => {
  const { totals, codeVersions, shards, letters, watch, releases, version, codeVersion } = sources
  return [
    ...(totals === null ? [] : countedFamilies(totals, releases)),
    single(METRICS.shards, shards.of),
    single(METRICS.shardsAnswered, shards.answered),
    ...(letters === null ? [] : letterFamilies(letters)),
    ...releaseFamilies(releases),
    ...watchFamilies(watch),
    numbers(METRICS.build, [{ labels: { version, code_version: codeVersion }, value: 1 }]),
    numbers(
      METRICS.codeVersion,
      codeVersions.map((code_version) => ({ labels: { code_version }, value: 1 })),
    ),
  ]
}
