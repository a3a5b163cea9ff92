/** What an isolate sends of what it has counted since the last time. */
import { alertCountsOf } from '../alerts/alert-counts.ts'
import type { ComparedEvents } from '../judgement/compared-events.ts'
import type { Evidence } from '../judgement/evidence.ts'
import { emptyCounts, eventsIn, type StatisticsCounts } from './counts.ts'

/**
 * The format this code writes. `readDelta` accepts it and the one before. Fields have been added to it: who does not know them drops them, so
 * an object of older code still counts what it knows, where it would refuse a new format.
 */
export const DELTA_FORMAT = 1

/** Sent again unchanged until it is applied or given up on; a shard applies each sequence of an isolate once. */
export interface StatisticsDelta extends Omit<StatisticsCounts, 'code_versions' | 'code_outcomes'> {
  readonly format: typeof DELTA_FORMAT
  /** A random id the isolate gave itself. */
  readonly isolate: string
  /** 1 for the isolate's first delta, then one more each. */
  readonly sequence: number
  /** The deployed version of the worker's code. */
  readonly code_version: string
  /** First and last observation, epoch milliseconds by the isolate's clock. */
  readonly from: number
  readonly to: number
  /** What was seen of canaries beside stable, one for each canary. */
  readonly evidence: readonly Evidence[]
  /** What both versions said of the first `LIMITS.compared` events that a canary and stable answered; of later ones nothing is kept. */
  readonly compared: readonly ComparedEvents[]
}

/** The delta as counts, ready to be merged. */
export const countsOf = (delta: StatisticsDelta): StatisticsCounts => {
  const { versions, rejected, zip_lookups, zip_reads, browser, lost, accepted, load_failures, limit_faults } = delta
  const { requests, pairs } = delta
  const code_versions = { [delta.code_version]: eventsIn(delta) }
  const { events, failures } = alertCountsOf({ ...emptyCounts(), versions, rejected })
  const code_outcomes = { [delta.code_version]: { events, failed: failures } }
  return {
    versions,
    rejected,
    zip_lookups,
    zip_reads,
    browser,
    lost,
    accepted,
    load_failures,
    limit_faults,
    requests,
    pairs,
    code_versions,
    code_outcomes,
  }
}
