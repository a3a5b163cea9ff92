/** Reads a delta that came from elsewhere: checks its format and every bound, and says what is wrong. */
import { quote } from '../failure.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import type { ComparedEvents } from '../judgement/compared-events.ts'
import type { Evidence } from '../judgement/evidence.ts'
import { readCompared } from '../judgement/read-compared.ts'
import { readEvidence } from '../judgement/read-evidence.ts'
import { type BinCounts, MAX_BINS } from './bin-counts.ts'
import { type BinsBy, type CountBy, LIMITS, type VersionCounts } from './counts.ts'
import { DELTA_FORMAT, type StatisticsDelta } from './delta.ts'
import { emptyLatency, type LatencyHistogram } from './latency-histogram.ts'
import { HIGHEST_BIN, type LatencySketch, LOWEST_BIN, SKETCH_BINS } from './latency-sketch.ts'
import type { DifferenceCounts, PairCounts } from './pair-counts.ts'

const MAX_KEY_LENGTH = 256

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`statistics delta: ${path} is ${quote(value)}, expected ${expected}`)

const record = (value: unknown, path: string): JsonObject => {
  if (!isJsonObject(value)) throw wrong(path, value, 'an object')
  return value
}

const whole = (value: unknown, path: string, least = 0): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw wrong(path, value, `a whole number from ${least}`)
  return value
}

const finite = (value: unknown, path: string): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, value, 'a number')
  return value
}

const text = (value: unknown, path: string): string => {
  if (typeof value !== 'string' || value.length < 1 || value.length > MAX_KEY_LENGTH)
    throw wrong(path, value, `a text of 1 to ${MAX_KEY_LENGTH} characters`)
  return value
}

/** `limit` keys of their own and one for the others. */
const keyed = <T>(value: unknown, path: string, limit: number, read: (value: unknown, path: string) => T) => {
  const entries = Object.entries(record(value, path))
  if (entries.length > limit + 1) throw wrong(`the number of keys of ${path}`, entries.length, `at most ${limit + 1}`)
  return Object.fromEntries(
    entries.map(([key, item]) => [text(key, `a key of ${path}`), read(item, `${path}[${quote(key)}]`)]),
  )
}

const row = (value: unknown, path: string, least: number, greatest: number): number[] => {
  if (!Array.isArray(value)) throw wrong(path, value, 'an array')
  if (value.length < least || value.length > greatest)
    throw wrong(`the length of ${path}`, value.length, least === greatest ? `${least}` : `${least} to ${greatest}`)
  return value.map((item, index) => whole(item, `${path}[${index}]`))
}

const countBy = (value: unknown, path: string, limit: number = LIMITS.keys): CountBy =>
  keyed(value, path, limit, whole0)
const whole0 = (value: unknown, path: string): number => whole(value, path)

const bins = (value: unknown, path: string): BinCounts => {
  const given = record(value, path)
  const lowest = finite(given.lowest, `${path}.lowest`)
  const highest = finite(given.highest, `${path}.highest`)
  if (highest <= lowest) throw wrong(`${path}.highest`, highest, `more than lowest, ${lowest}`)
  return {
    lowest,
    highest,
    counts: row(given.counts, `${path}.counts`, 1, MAX_BINS),
    under: whole(given.under, `${path}.under`),
    over: whole(given.over, `${path}.over`),
    non_finite: whole(given.non_finite, `${path}.non_finite`),
    unlike: whole(given.unlike, `${path}.unlike`),
  }
}

const BUCKETS = emptyLatency().counts.length

const latency = (value: unknown, path: string): LatencyHistogram => {
  const given = record(value, path)
  return {
    counts: row(given.counts, `${path}.counts`, BUCKETS, BUCKETS),
    sum_microseconds: whole(given.sum_microseconds, `${path}.sum_microseconds`),
    unknown: whole(given.unknown, `${path}.unknown`),
  }
}

const binsBy = (value: unknown, path: string, limit: number): BinsBy => keyed(value, path, limit, bins)

const sketch = (value: unknown, path: string): LatencySketch => {
  const given = record(value, path)
  if (given.format !== 1) throw wrong(`${path}.format`, given.format, '1')
  if (!Array.isArray(given.bins)) throw wrong(`${path}.bins`, given.bins, 'an array')
  const counts = row(given.counts, `${path}.counts`, 0, SKETCH_BINS)
  if (given.bins.length !== counts.length)
    throw wrong(`the length of ${path}.bins`, given.bins.length, `that of counts, ${counts.length}`)
  let last = LOWEST_BIN - 1
  const bins = given.bins.map((item: unknown, index) => {
    const bin = whole(item, `${path}.bins[${index}]`, last + 1)
    if (bin > HIGHEST_BIN) throw wrong(`${path}.bins[${index}]`, bin, `at most ${HIGHEST_BIN}`)
    last = bin
    return bin
  })
  return { format: 1, bins, counts, unknown: whole(given.unknown, `${path}.unknown`) }
}

/** `stages` was added later. */
const stagesOf = (value: unknown, path: string): Pick<VersionCounts, 'stages'> =>
  value === undefined ? {} : { stages: keyed(value, path, LIMITS.stages, sketch) }

const version = (value: unknown, path: string): VersionCounts => {
  const given = record(value, path)
  return {
    predictions: whole(given.predictions, `${path}.predictions`),
    errors: countBy(given.errors, `${path}.errors`),
    degraded: countBy(given.degraded, `${path}.degraded`),
    latency: latency(given.latency, `${path}.latency`),
    ...stagesOf(given.stages, `${path}.stages`),
    outputs: binsBy(given.outputs, `${path}.outputs`, LIMITS.outputs),
    fields: binsBy(given.fields, `${path}.fields`, LIMITS.fields),
  }
}

const difference = (value: unknown, path: string): DifferenceCounts => {
  const given = record(value, path)
  return {
    count: whole(given.count, `${path}.count`),
    sum: finite(given.sum, `${path}.sum`),
    maximum: finite(given.maximum, `${path}.maximum`),
    decisions: whole(given.decisions, `${path}.decisions`),
    changed: whole(given.changed, `${path}.changed`),
  }
}

const pair = (value: unknown, path: string): PairCounts => {
  const given = record(value, path)
  return {
    events: whole(given.events, `${path}.events`),
    skipped: whole(given.skipped, `${path}.skipped`),
    first_failed: whole(given.first_failed, `${path}.first_failed`),
    other_failed: whole(given.other_failed, `${path}.other_failed`),
    both_failed: whole(given.both_failed, `${path}.both_failed`),
    latency: latency(given.latency, `${path}.latency`),
    outputs: keyed(given.outputs, `${path}.outputs`, LIMITS.outputs, difference),
  }
}

const evidence = (value: unknown): readonly Evidence[] => {
  if (!Array.isArray(value)) throw wrong('evidence', value, 'an array')
  if (value.length > LIMITS.evidence) throw wrong('the length of evidence', value.length, `at most ${LIMITS.evidence}`)
  return value.map(readEvidence)
}

const compared = (value: unknown): readonly ComparedEvents[] => {
  if (!Array.isArray(value)) throw wrong('compared', value, 'an array')
  if (value.length > LIMITS.evidence) throw wrong('the length of compared', value.length, `at most ${LIMITS.evidence}`)
  const read = value.map((canary) => readCompared(canary, LIMITS.compared))
  const events = read.reduce((sum, canary) => sum + canary.events.length, 0)
  if (events > LIMITS.compared) throw wrong('the number of events of compared', events, `at most ${LIMITS.compared}`)
  return read
}

/** `accepted`, `zip_reads`, `browser`, `load_failures`, `limit_faults`, `requests`, `pairs`, `evidence` and `compared` were added later: code that does not know them leaves them out. */
const readFormat1 = (given: JsonObject): StatisticsDelta => {
  const from = whole(given.from, 'from (epoch ms)')
  return {
    format: 1,
    isolate: text(given.isolate, 'isolate'),
    sequence: whole(given.sequence, 'sequence', 1),
    code_version: text(given.code_version, 'code_version'),
    from,
    to: whole(given.to, 'to (epoch ms)', from),
    versions: keyed(given.versions, 'versions', LIMITS.versions, version),
    rejected: countBy(given.rejected, 'rejected'),
    zip_lookups: countBy(given.zip_lookups, 'zip_lookups'),
    zip_reads: countBy(given.zip_reads ?? {}, 'zip_reads'),
    browser: keyed(given.browser ?? {}, 'browser', LIMITS.browserRoutes, sketch),
    lost: whole(given.lost, 'lost'),
    accepted: whole(given.accepted ?? 0, 'accepted'),
    load_failures: countBy(given.load_failures ?? {}, 'load_failures'),
    limit_faults: countBy(given.limit_faults ?? {}, 'limit_faults'),
    requests: countBy(given.requests ?? {}, 'requests', LIMITS.requests),
    evidence: evidence(given.evidence ?? []),
    compared: compared(given.compared ?? []),
    pairs: keyed(given.pairs ?? {}, 'pairs', LIMITS.pairs, pair),
  }
}

/**
 * The delta in the present format, holding nothing but what that format knows. An older format this code still accepts is a case of its
 * own here, turned into the present one. Throws a `RangeError` that names the place and the value that are wrong.
 */
export const readDelta = (value: unknown): StatisticsDelta => {
  const given = record(value, 'the delta')
  switch (given.format) {
    case 1:
      return readFormat1(given)
    default:
      throw wrong('format', given.format, `${DELTA_FORMAT}, the one this code knows`)
  }
}
