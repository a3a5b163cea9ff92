/** One simulated year, or the hours around a fault in it, judged hour after hour as the product judges drift. */
import { DRIFT_CONFIG } from '../../src/core/drift/config.ts'
import { INITIAL_DRIFT_STATE, nextDriftState } from '../../src/core/drift/drift-state.ts'
import { judgeDrift } from '../../src/core/drift/judge.ts'
import { type ReferenceView, referenceView } from '../../src/core/drift/reference-view.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR } from '../../src/core/drift/window-counts.ts'
import { seededRandom } from '../../src/training/random.ts'
import { type Fault, trainingProfile, YEAR_START, yearStream } from '../unit/drift/year-stream.ts'
import { HealthyService } from './drift-year-alerts.ts'
import { type NaiveAlarms, NaiveTests } from './drift-year-naive.ts'

const HOUR = MILLISECONDS_PER_HOUR
const HOURS_KEPT = 168
const HOURS_PER_YEAR = 8760
/** Hours in which the correlation of a region's share with its present one falls to 1 / e, as the thresholds were chosen with. */
const SHARE_MEMORY_HOURS = 24

/** Each fault, and the hours within which it is to be found. */
export const FAULTS = [
  ['clock', 24],
  ['zips', 24],
  ['sensor', 1],
  ['score', 168],
] as const satisfies readonly (readonly [Fault, number])[]

export interface Alarm {
  readonly series: string
  /** Hour of the year. */
  readonly hour: number
}

interface Course {
  /** Each change of a series from stable to drifted. */
  readonly alarms: readonly Alarm[]
  readonly naive: NaiveAlarms
  /** Alerts on failures, latency and zips of a healthy service with that traffic. */
  readonly fired: HealthyService['fired']
}

interface Span {
  readonly seed: number
  readonly fault: Fault
  readonly faultFrom: number
  /** Hours of the year, from `first` and before `end`. */
  readonly first: number
  readonly end: number
}

/** The reference of a seed: four months of the year before, with wandering of their own. */
export const referenceOf = (seed: number): ReferenceView =>
  referenceView(trainingProfile(seed + 10_000, SHARE_MEMORY_HOURS), new Set())

/** Draws every hour of the span and judges each of them. */
export const follow = (reference: ReferenceView, { seed, fault, faultFrom, first, end }: Span): Course => {
  const stream = yearStream({ seed, fault, faultFrom, shareMemory: SHARE_MEMORY_HOURS })
  const naive = new NaiveTests(reference)
  const service = new HealthyService(seed)
  const kept: HourCounts[] = []
  const alarms: Alarm[] = []
  let state = INITIAL_DRIFT_STATE
  for (let hour = first; hour < end; hour++) {
    const block = stream.hour(YEAR_START + hour * HOUR)
    kept.push(block)
    service.hour(
      block.outputs.score.counts.reduce((sum, count) => sum + count, 0),
      block.startsAt,
    )
    if (kept.length > HOURS_KEPT) kept.shift()
    const until = YEAR_START + (hour + 1) * HOUR
    const next = nextDriftState(state, judgeDrift(reference, kept, until, DRIFT_CONFIG), until, DRIFT_CONFIG)
    for (const [series, { status }] of Object.entries(next.series))
      if (status === 'drifted' && state.series[series]?.status !== 'drifted') alarms.push({ series, hour })
    state = next
    naive.judge(kept.slice(-24))
  }
  return { alarms, naive: naive.alarms, fired: service.fired }
}

/** The first `hours` of the year of `seed`, without a fault. */
export const cleanYear = (reference: ReferenceView, seed: number, hours = HOURS_PER_YEAR): Course =>
  follow(reference, { seed, fault: 'none', faultFrom: 0, first: 0, end: hours })

export interface FaultRun {
  readonly fault: Fault
  readonly within: number
  /** Hour of the year in which it began. */
  readonly from: number
  /** Hours until the first new alarm, at least 1; `null`: not found within what is allowed. */
  readonly foundAfter: number | null
  readonly series: string | null
  /** Alarms in the week before. */
  readonly before: number
}

/** Each fault at an hour of the year that is left to the seed, with a week before it. */
export const faultRuns = (reference: ReferenceView, seed: number): FaultRun[] => {
  const random = seededRandom(seed + 30_000)
  return FAULTS.map(([fault, within]) => {
    const from = HOURS_KEPT + Math.floor(random() * (HOURS_PER_YEAR - HOURS_KEPT - within))
    const span = { seed: seed + 20_000, fault, faultFrom: from, first: from - HOURS_KEPT, end: from + within }
    const { alarms } = follow(reference, span)
    const found = alarms.find(({ hour }) => hour >= from)
    return {
      fault,
      within,
      from,
      foundAfter: found === undefined ? null : found.hour - from + 1,
      series: found?.series ?? null,
      before: alarms.filter(({ hour }) => hour < from).length,
    }
  })
}
