/** The counts that alerts are about: what of the statistics of a stretch of time goes into them, and how two become one. */
import { type CountBy, OTHER_VERSION, type StatisticsCounts, sumOf } from '../statistics/counts.ts'
import { LATENCY_BOUNDS_SECONDS, latencyCount } from '../statistics/latency-histogram.ts'
import type { AlertCounts } from './conditions.ts'

/** Failures of ours once a version was chosen, and before: the rest is a caller's bad input. The same as in `ops/prometheus/rules.yaml`. */
export const VERSION_FAILURES = ['model_failed', 'model_unavailable', 'deadline_exceeded', 'internal'] as const
export const REJECTED_FAILURES = [
  ...VERSION_FAILURES,
  'misconfigured',
  'queue_unavailable',
  'archive_unavailable',
] as const
/** Lookups for which the store gave nothing. */
export const ZIP_STORE_FAILURES = ['timeout', 'error', 'corrupt', 'skipped', 'unseeded'] as const

/** What 99 % of the requests are promised, in seconds; a bound of the histogram, so that the count is exact. */
const FAST_SECONDS = 0.1
const FAST_BUCKETS = LATENCY_BOUNDS_SECONDS.indexOf(FAST_SECONDS) + 1

const sumBy = (counts: CountBy, keys: readonly string[]): number =>
  keys.reduce((sum, key) => sum + (counts[key] ?? 0), 0)

/** `name@version`; `null` for what stands for all those there was no room for. */
const readKey = (key: string): { readonly model: string; readonly version: string } | null => {
  const at = key.lastIndexOf('@')
  return key === OTHER_VERSION || at < 1 ? null : { model: key.slice(0, at), version: key.slice(at + 1) }
}

export const alertCountsOf = ({
  versions,
  rejected,
  zip_lookups,
  lost,
  load_failures,
}: StatisticsCounts): AlertCounts => {
  let predictions = 0
  let failures = sumBy(rejected, REJECTED_FAILURES)
  let timed = 0
  let fast = 0
  for (const version of Object.values(versions)) {
    predictions += version.predictions
    failures += sumBy(version.errors, VERSION_FAILURES)
    timed += latencyCount(version.latency)
    fast += version.latency.counts.slice(0, FAST_BUCKETS).reduce((sum, count) => sum + count, 0)
  }
  return {
    events: predictions + failures,
    failures,
    timed,
    fast,
    zips: sumOf(zip_lookups) - (zip_lookups.missing ?? 0),
    unknownZips: zip_lookups.unknown ?? 0,
    zipStoreFailures: sumBy(zip_lookups, ZIP_STORE_FAILURES),
    lost,
    loadFailures: Object.entries(load_failures).flatMap(([key, count]) => {
      const version = readKey(key)
      return version === null ? [] : [{ ...version, count }]
    }),
  }
}

const mergeLoadFailures = (
  a: AlertCounts['loadFailures'],
  b: AlertCounts['loadFailures'],
): AlertCounts['loadFailures'] => {
  if (b.length === 0) return a
  const merged = a.map((one) => {
    const same = b.find(({ model, version }) => model === one.model && version === one.version)
    return same === undefined ? one : { ...one, count: one.count + same.count }
  })
  const isNew = ({ model, version }: { model: string; version: string }): boolean =>
    !a.some((one) => one.model === model && one.version === version)
  return [...merged, ...b.filter(isNew)]
}

/** Exact, in any order. */
export const mergeAlertCounts = (a: AlertCounts, b: AlertCounts): AlertCounts => ({
  events: a.events + b.events,
  failures: a.failures + b.failures,
  timed: a.timed + b.timed,
  fast: a.fast + b.fast,
  zips: a.zips + b.zips,
  unknownZips: a.unknownZips + b.unknownZips,
  zipStoreFailures: a.zipStoreFailures + b.zipStoreFailures,
  lost: a.lost + b.lost,
  loadFailures: mergeLoadFailures(a.loadFailures, b.loadFailures),
})
