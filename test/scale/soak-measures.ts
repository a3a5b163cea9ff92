/**
 * What a soak looks at, what may become of each, and within which tolerance: the one place where these stand. Chosen on seeds 1 and 2, three
 * minutes each; seed 3 held without a change, and with a leak of 1 KB a request seed 4 failed within two (two shared cores, 2026-11).
 */
import { ID_WINDOW_SECONDS } from './soak-census.ts'
import { HOLD_BACK_MESSAGES } from './soak-load-process.ts'
import { LARGE_KIND } from './soak-plan.ts'
import type { Reading } from './soak-reading.ts'

/**
 * `flat`: the line through the readings after the warm-up grows by no more than `most` until the end. `straight`: it grows by what drives it, by the
 * unit no faster in the later half of the run than in the earlier one, but for the share `bend`. `bounded`: no reading exceeds `bound`.
 */
export type Rule =
  | { readonly kind: 'flat'; readonly most: number }
  | {
      readonly kind: 'straight'
      readonly by: string
      readonly driver: (reading: Reading) => number
      readonly bend: number
    }
  | {
      readonly kind: 'bounded'
      readonly by: string
      readonly bound: (reading: Reading, earlier: readonly Reading[]) => number
    }

export interface Measure {
  readonly name: string
  readonly unit: 'MiB' | 'KiB' | 'rows' | 'objects'
  readonly of: (reading: Reading) => number
  readonly rule: Rule
}

/** Of the run, in which caches fill and windows come to their length: nothing is judged of it but bounds. */
export const WARM_UP_SHARE = 0.25

const MIB = 2 ** 20
const KIB = 1_024

/**
 * Rows of ids are deleted by an alarm up to a minute after their end, 2,000 a second and object: those of 120 s of 3,000 events a second take 45 s. With 30 s
 * for that, a run of twenty minutes had 2 % more rows than allowed after its load had ended (seed 1).
 */
const ID_SECONDS = ID_WINDOW_SECONDS + 60 + 60
/** An object is sealed with the next run of the cron trigger and joined with the one after, and a run takes its time. */
const SMALL_OBJECT_SECONDS = 150
/** From the end of one run of the cron trigger to the next. At most one joined object comes of a run, unless it is over 8 MiB. */
export const TEND_SECONDS = 20
/** Objects of the statistics, and rows of a minute in one: both versions, all others, and what belongs to none. */
const SHARDS = 4
const ROWS_OF_A_MINUTE = 4
/** Compared events that an object of the statistics keeps (src/durable/stats-compared.ts). */
const COMPARED = 20_000
/** The client tells its counts each second, so a census may be so far ahead of them. */
const AHEAD = 1.1
const UNTOLD = 500
/** The same of events: six connections may each have a batch of 1,000 under way, and a second brings some thousands. */
const UNTOLD_EVENTS = 12_000

/** What `of` has grown by in the last `seconds`. */
const lately = (
  reading: Reading,
  earlier: readonly Reading[],
  seconds: number,
  of: (reading: Reading) => number,
): number => {
  const before = earlier.findLast((one) => one.seconds <= reading.seconds - seconds)
  return of(reading) - (before === undefined ? 0 : of(before))
}

const rows = ({ census }: Reading, object: string, table: string): number => census.objects[object]?.rows[table] ?? 0
const kibibytes = ({ census }: Reading, object: string): number => (census.objects[object]?.bytes ?? 0) / KIB
const lying = ({ census }: Reading, prefix: string): { readonly objects: number; readonly bytes: number } =>
  census.archive[prefix] ?? { objects: 0, bytes: 0 }
const allOwners = (reading: Reading): number =>
  rows(reading, 'owners', 'owners') + rows(reading, 'owners', 'owners_of_letters') + rows(reading, 'owners', 'seals')
const large = ({ tally }: Reading): number => tally.kinds[LARGE_KIND] ?? 0

export const MEASURES: readonly Measure[] = [
  {
    name: 'V8 heap after a collection',
    unit: 'MiB',
    of: ({ heapLiveBytes }) => heapLiveBytes / MIB,
    rule: { kind: 'flat', most: 6 },
  },
  {
    name: 'buffers outside of it',
    unit: 'MiB',
    of: ({ bufferBytes }) => bufferBytes / MIB,
    rule: { kind: 'flat', most: 2 },
  },
  {
    name: 'WebAssembly memory',
    unit: 'MiB',
    of: ({ census }) => census.wasmBytes / MIB,
    rule: { kind: 'flat', most: 0.5 },
  },
  {
    name: 'memory of the process',
    unit: 'MiB',
    of: ({ residentBytes }) => residentBytes / MIB,
    // With the SQLite caches and the unused memory of all that stands in for the platform.
    rule: { kind: 'flat', most: 96 },
  },
  {
    name: 'messages that wait',
    unit: 'rows',
    of: ({ census }) => census.sent - census.done,
    rule: { kind: 'bounded', by: 'where events are held back', bound: () => HOLD_BACK_MESSAGES + UNTOLD },
  },
  {
    name: 'event ids',
    unit: 'rows',
    of: (reading) => rows(reading, 'owners', 'owners'),
    rule: {
      kind: 'bounded',
      by: `the events of ${ID_SECONDS} s`,
      bound: (reading, earlier) =>
        lately(reading, earlier, ID_SECONDS, ({ tally }) => tally.accepted) * AHEAD + UNTOLD_EVENTS,
    },
  },
  {
    name: 'event ids of letters',
    unit: 'rows',
    of: (reading) => rows(reading, 'owners', 'owners_of_letters'),
    rule: { kind: 'bounded', by: 'the letters', bound: ({ tally }) => tally.letters * AHEAD + UNTOLD },
  },
  {
    name: 'sealed messages',
    unit: 'rows',
    of: (reading) => rows(reading, 'owners', 'seals'),
    rule: { kind: 'bounded', by: 'the messages', bound: ({ census }) => census.sent },
  },
  {
    name: 'EventOwners, all rows',
    unit: 'KiB',
    of: (reading) => kibibytes(reading, 'owners'),
    // Pages that rows have left half empty are filled again.
    rule: {
      kind: 'bounded',
      by: '0.2 KiB a row, of the most there were',
      bound: (reading, earlier) => 256 + Math.max(...[...earlier, reading].map(allOwners)) * 0.2,
    },
  },
  {
    name: 'messages counted',
    unit: 'rows',
    of: (reading) => rows(reading, 'statistics', 'isolates'),
    rule: { kind: 'bounded', by: 'the messages', bound: ({ census }) => census.sent + 10 },
  },
  {
    name: 'windows of the statistics',
    unit: 'rows',
    of: (reading) => rows(reading, 'statistics', 'windows'),
    rule: {
      kind: 'bounded',
      by: 'the minutes',
      bound: ({ seconds }) => (Math.ceil(seconds / 60) + 2) * SHARDS * ROWS_OF_A_MINUTE,
    },
  },
  {
    name: 'compared events',
    unit: 'rows',
    of: (reading) => rows(reading, 'statistics', 'compared_events'),
    rule: { kind: 'bounded', by: 'what is kept', bound: () => SHARDS * COMPARED },
  },
  {
    name: 'StatsAggregator, all rows',
    unit: 'KiB',
    of: (reading) => kibibytes(reading, 'statistics'),
    rule: {
      kind: 'bounded',
      by: '0.15 KiB a message, 32 a window, 0.2 a compared event',
      bound: (reading) =>
        256 +
        rows(reading, 'statistics', 'isolates') * 0.15 +
        rows(reading, 'statistics', 'windows') * 32 +
        rows(reading, 'statistics', 'compared_events') * 0.2,
    },
  },
  {
    name: 'dead letters',
    unit: 'rows',
    of: (reading) => rows(reading, 'letters', 'letters'),
    rule: { kind: 'bounded', by: 'those that were promised', bound: ({ tally }) => tally.letters * AHEAD + UNTOLD },
  },
  {
    name: 'DeadLetters',
    unit: 'KiB',
    of: (reading) => kibibytes(reading, 'letters'),
    rule: { kind: 'straight', by: 'letter', driver: (reading) => rows(reading, 'letters', 'letters'), bend: 0.3 },
  },
  {
    name: 'ReleaseController',
    unit: 'KiB',
    of: (reading) => kibibytes(reading, 'controller'),
    rule: { kind: 'bounded', by: '64 KiB a model and 1 a command', bound: ({ commands }) => 2 * 64 + commands },
  },
  {
    name: 'Watch',
    unit: 'KiB',
    of: (reading) => kibibytes(reading, 'watch'),
    rule: { kind: 'flat', most: 8 },
  },
  {
    name: 'archive',
    unit: 'KiB',
    of: (reading) => lying(reading, 'archive').bytes / KIB,
    rule: { kind: 'straight', by: 'event', driver: ({ tally }) => tally.accepted, bend: 0.3 },
  },
  {
    name: 'archive',
    unit: 'objects',
    of: (reading) => lying(reading, 'archive').objects,
    rule: {
      kind: 'bounded',
      by: `the messages of ${SMALL_OBJECT_SECONDS} s, and the joined ones`,
      bound: (reading, earlier) =>
        lately(reading, earlier, SMALL_OBJECT_SECONDS, ({ census }) => census.sent) +
        UNTOLD +
        reading.seconds / TEND_SECONDS,
    },
  },
  {
    name: 'payloads in the bucket',
    unit: 'objects',
    of: (reading) => lying(reading, 'payloads').objects,
    rule: { kind: 'bounded', by: 'the large events', bound: (reading) => large(reading) + 20 },
  },
  {
    name: 'payloads in the bucket',
    unit: 'KiB',
    of: (reading) => lying(reading, 'payloads').bytes / KIB,
    rule: { kind: 'bounded', by: '160 KiB each', bound: (reading) => lying(reading, 'payloads').objects * 160 },
  },
  {
    name: 'parked letters',
    unit: 'objects',
    of: (reading) => lying(reading, 'letters').objects,
    rule: { kind: 'bounded', by: 'none', bound: () => 0 },
  },
  {
    name: 'journals, and what is being joined',
    unit: 'objects',
    of: (reading) => lying(reading, 'joining').objects,
    rule: { kind: 'bounded', by: 'two an hour', bound: ({ seconds }) => 2 * (Math.ceil(seconds / 3_600) + 1) },
  },
  {
    name: 'files on disk',
    unit: 'KiB',
    of: ({ diskBytes }) => diskBytes / KIB,
    rule: { kind: 'straight', by: 'event', driver: ({ tally }) => tally.accepted, bend: 0.3 },
  },
]
