/** What has been counted since the beginning: numbers that only grow, as Prometheus wants its counters. */
import {
  type CountBy,
  OTHER,
  OTHER_VERSION,
  type SketchBy,
  type StatisticsCounts,
  type VersionCounts,
} from './counts.ts'
import { emptyLatency, mergeLatency } from './latency-histogram.ts'
import { mergeSketches } from './latency-sketch.ts'

export interface VersionTotals extends Omit<VersionCounts, 'outputs' | 'fields' | 'accuracy'> {
  /** The start of the last minute, hour or day it was counted in, epoch milliseconds. */
  readonly counted_at: number
}

export interface StatisticsTotals
  extends Omit<StatisticsCounts, 'versions' | 'pairs' | 'code_versions' | 'code_outcomes'> {
  /** By `name@version`. */
  readonly versions: { readonly [nameAtVersion: string]: VersionTotals }
}

export const emptyTotals = (): StatisticsTotals => ({
  versions: {},
  rejected: {},
  zip_lookups: {},
  zip_reads: {},
  browser: {},
  lost: 0,
  accepted: 0,
  load_failures: {},
  limit_faults: {},
  requests: {},
})

/**
 * How many different keys are kept. A key that has a place keeps it, and later ones become `other`: to drop one, as windows do, would let its
 * counter fall and that of `other` jump.
 */
export const TOTAL_KEYS = 1_000

const EMPTY_VERSION: VersionTotals = {
  counted_at: 0,
  predictions: 0,
  errors: {},
  degraded: {},
  latency: emptyLatency(),
}

const addKeys = <T>(
  to: { readonly [key: string]: T },
  more: { readonly [key: string]: T },
  other: string,
  add: (a: T | undefined, b: T) => T,
): { readonly [key: string]: T } => {
  const sums = new Map(Object.entries(to))
  for (const [key, value] of Object.entries(more)) {
    const kept = sums.has(key) || sums.size < TOTAL_KEYS ? key : other
    sums.set(kept, add(sums.get(kept), value))
  }
  return Object.fromEntries(sums)
}

const addCountBy = (to: CountBy, more: CountBy): CountBy => addKeys(to, more, OTHER, (a = 0, b) => a + b)

const addSketches = (to: SketchBy, more: SketchBy): SketchBy =>
  addKeys(to, more, OTHER, (sum, sketch) => (sum === undefined ? sketch : mergeSketches(sum, sketch)))

/** Older code kept none. */
const addStages = ({ stages: a = {} }: VersionTotals, { stages: b = {} }: VersionTotals): VersionTotals['stages'] =>
  addSketches(a, b)

const addVersions = (a: VersionTotals = EMPTY_VERSION, b: VersionTotals): VersionTotals => ({
  counted_at: Math.max(a.counted_at, b.counted_at),
  predictions: a.predictions + b.predictions,
  errors: addCountBy(a.errors, b.errors),
  degraded: addCountBy(a.degraded, b.degraded),
  latency: mergeLatency(a.latency, b.latency),
  stages: addStages(a, b) ?? {},
})

/** `totals` and `more`, which comes after it: exact, and no number of `totals` falls. */
export const addTotals = (totals: StatisticsTotals, more: StatisticsTotals): StatisticsTotals => ({
  versions: addKeys(totals.versions, more.versions, OTHER_VERSION, addVersions),
  rejected: addCountBy(totals.rejected, more.rejected),
  zip_lookups: addCountBy(totals.zip_lookups, more.zip_lookups),
  zip_reads: addCountBy(totals.zip_reads, more.zip_reads),
  browser: addSketches(totals.browser, more.browser),
  lost: totals.lost + more.lost,
  accepted: totals.accepted + more.accepted,
  load_failures: addCountBy(totals.load_failures, more.load_failures),
  limit_faults: addCountBy(totals.limit_faults, more.limit_faults),
  requests: addCountBy(totals.requests, more.requests),
})

/** What a stretch of time that began at `start`, epoch milliseconds, adds to the totals. */
export const totalsOf = (counts: StatisticsCounts, start: number): StatisticsTotals => {
  const { rejected, zip_lookups, zip_reads, browser, lost, accepted, load_failures, limit_faults, requests } = counts
  const versions = Object.entries(counts.versions).map(
    ([key, { predictions, errors, degraded, latency, stages = {} }]) => {
      const version: VersionTotals = { counted_at: start, predictions, errors, degraded, latency, stages }
      return [key, version] as const
    },
  )
  return {
    versions: Object.fromEntries(versions),
    rejected,
    zip_lookups,
    zip_reads,
    browser,
    lost,
    accepted,
    load_failures,
    limit_faults,
    requests,
  }
}
