/** Decides which slices a run reads: those of the checkpoint, and what came since. */
import type { Manifest } from './manifest.ts'
import { type Overview, readOverview } from './overview.ts'
import { type ClosedRange, planEven, planRegular, type Slice } from './plan-slices.ts'
import type { Selection } from './queries.ts'
import type { SearchServer } from './search-server.ts'

/** Read again as a whole when anything breaks off: few enough for that, many enough for a file. */
export const AUTO_SLICE_HITS = 200_000

/** How to cut: into slices of a length in milliseconds, or so that each holds at most `AUTO_SLICE_HITS` documents. */
export type SliceLength = number | 'auto'

export interface PlanRequest {
  readonly server: SearchServer
  readonly selection: Selection
  readonly length: SliceLength
  readonly notice: (message: string) => void
  readonly signal: AbortSignal
}

const plan = ({ server, selection, length, signal }: PlanRequest, range: ClosedRange): Promise<Slice[]> => {
  if (length === 'auto') return planEven(server, selection, range, AUTO_SLICE_HITS, signal)
  const interval = Math.max(1, Math.round(length * selection.field.perMillisecond))
  return planRegular(server, selection, range, interval, signal)
}

/** The stretches before, between and behind the known slices. */
const rangesBeside = ({ first, last }: Overview, slices: readonly Slice[]): ClosedRange[] => {
  if (first === undefined || last === undefined) return []
  const starts = [...slices.map(({ start }) => start), last + 1]
  const ends = [Math.min(first, starts[0] as number), ...slices.map(({ end }) => end)]
  return starts.map((end, index) => ({ start: ends[index] as number, end })).filter(({ start, end }) => start < end)
}

const sum = (slices: readonly Slice[]): number => slices.reduce((total, { hits }) => total + hits, 0)

/** How many documents there are from the first to the last of `slices`. */
const countWithin = async (request: PlanRequest, slices: readonly Slice[]): Promise<number> => {
  const [first, last] = [slices[0], slices.at(-1)]
  if (first === undefined || last === undefined) return 0
  const { server, selection, signal } = request
  return (await readOverview(server, selection, { start: first.start, end: last.end }, signal)).hits
}

/** Finished parts are never written again: what came into their slices later is told of, not read. */
const tellOfLate = (notice: PlanRequest['notice'], late: number): void => {
  if (late === 0) return
  const count = Math.abs(late)
  const change = `${count} document${count === 1 ? '' : 's'} ${late > 0 ? 'came into' : 'left'} the known slices since they were planned`
  notice(`${change}; finished parts do not change: remove a part to have its slice read again`)
}

/** `manifest` with slices for what it does not cover yet. */
export const extendManifest = async (manifest: Manifest, request: PlanRequest): Promise<Manifest> => {
  const { slices } = manifest
  const overview = await readOverview(request.server, request.selection, undefined, request.signal)
  const count = await countWithin(request, slices)
  const known = { start: slices[0]?.start ?? 0, end: slices.at(-1)?.end ?? 0 }
  const added: Slice[] = []
  for (const range of rangesBeside(overview, slices)) {
    // Between slices there was nothing, unless the count has changed.
    const isInside = range.start >= known.start && range.end <= known.end
    if (isInside && count === sum(slices)) continue
    added.push(...(await plan(request, range)).filter(({ hits }) => hits > 0))
  }
  const inside = added.filter(({ start, end }) => start >= known.start && end <= known.end)
  const lateWithoutTime = manifest.withoutTime === 0 ? 0 : overview.withoutTime - manifest.withoutTime
  tellOfLate(request.notice, count - sum(slices) - sum(inside) + lateWithoutTime)
  return {
    ...manifest,
    slices: [...slices, ...added].sort((a, b) => a.start - b.start),
    withoutTime: manifest.withoutTime === 0 ? overview.withoutTime : manifest.withoutTime,
  }
}
