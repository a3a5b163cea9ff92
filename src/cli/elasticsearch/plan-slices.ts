/** Cuts a stretch of time into slices: of one length, or so that each holds about as many documents. */
import { type Bucket, readHistogram } from './histogram.ts'
import type { Selection } from './queries.ts'
import type { SearchServer } from './search-server.ts'

/** Closed: a slice has a name. */
export interface ClosedRange {
  readonly start: number
  readonly end: number
}

export interface Slice extends ClosedRange {
  /** Documents when it was planned. */
  readonly hits: number
}

/** So many stretches are counted to find where to cut. */
const STRETCHES = 1_000

/** Neighbouring stretches together, while they hold no more than `most`; the slices cover `range` without a gap. */
export const groupBuckets = (buckets: readonly Bucket[], range: ClosedRange, most: number): Slice[] => {
  const slices: Slice[] = []
  let start = range.start
  let hits = 0
  for (const bucket of buckets) {
    if (hits > 0 && hits + bucket.hits > most) {
      slices.push({ start, end: bucket.start, hits })
      start = bucket.start
      hits = 0
    }
    hits += bucket.hits
  }
  slices.push({ start, end: range.end, hits })
  return slices
}

/** Stretches of which none holds more than `most`, unless it is as short as can be. */
const readEvenBuckets = async (
  server: SearchServer,
  selection: Selection,
  range: ClosedRange,
  most: number,
  signal: AbortSignal,
): Promise<Bucket[]> => {
  const interval = Math.max(1, Math.ceil((range.end - range.start) / STRETCHES))
  const even: Bucket[] = []
  for (const bucket of await readHistogram(server, selection, range, interval, signal)) {
    if (bucket.hits <= most || interval === 1) even.push(bucket)
    else {
      const start = Math.max(bucket.start, range.start)
      const inner = { start, end: Math.min(bucket.start + interval, range.end) }
      even.push(...(await readEvenBuckets(server, selection, inner, most, signal)))
    }
  }
  return even
}

/** Slices of at most `most` documents that cover `range`; of more only where one instant holds more. */
export const planEven = async (
  server: SearchServer,
  selection: Selection,
  range: ClosedRange,
  most: number,
  signal: AbortSignal,
): Promise<Slice[]> => groupBuckets(await readEvenBuckets(server, selection, range, most, signal), range, most)

/** Slices that begin at multiples of `interval`, only where there are documents. The last ends with `range`: later runs go on from there. */
export const planRegular = async (
  server: SearchServer,
  selection: Selection,
  range: ClosedRange,
  interval: number,
  signal: AbortSignal,
): Promise<Slice[]> => {
  const buckets = await readHistogram(server, selection, range, interval, signal)
  return buckets.map(({ start, hits }) => ({
    start: Math.max(start, range.start),
    end: Math.min(start + interval, range.end),
    hits,
  }))
}
