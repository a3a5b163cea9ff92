/** A week of the simulated year drawn twice from the same laws: bin by bin, and event by event. Are the counts alike, and the verdicts? */
import { DRIFT_CONFIG } from '../../src/core/drift/config.ts'
import { type DriftState, INITIAL_DRIFT_STATE, nextDriftState } from '../../src/core/drift/drift-state.ts'
import { judgeDrift } from '../../src/core/drift/judge.ts'
import type { ReferenceView } from '../../src/core/drift/reference-view.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR, type SeriesCounts } from '../../src/core/drift/window-counts.ts'
import { EventHours } from '../unit/drift/event-week.ts'
import { type HourLaw, YEAR_START, yearStream } from '../unit/drift/year-stream.ts'

const HOURS = 168
const SHARE_MEMORY_HOURS = 24
/** A cell with fewer in both together is put to its neighbour: the test wants some (Cochran, "Some methods for strengthening the common χ² tests", 1954). */
const LEAST_COUNT = 10

export interface Alikeness {
  readonly series: string
  /** Of the two-sample chi-square statistics of all hours together: how many standard deviations it lies above what chance gives. */
  readonly deviations: number
}

/** The two-sample chi-square statistic of `a` and `b`, and its degrees of freedom: bins where there is enough, missing values as one of them. */
const chiSquare = (a: SeriesCounts, b: SeriesCounts): { readonly statistic: number; readonly freedom: number } => {
  const cells: [number, number][] = []
  let open: [number, number] = [0, 0]
  const pairs = [...a.counts.map((count, bin) => [count, b.counts[bin]]), [a.missing, b.missing]]
  for (const [x, y] of pairs) {
    open = [open[0] + x, open[1] + y]
    if (open[0] + open[1] < LEAST_COUNT) continue
    cells.push(open)
    open = [0, 0]
  }
  const last = cells.at(-1)
  if (last !== undefined) cells[cells.length - 1] = [last[0] + open[0], last[1] + open[1]]
  const [n, m] = [0, 1].map((side) => cells.reduce((sum, cell) => sum + cell[side], 0))
  const [up, down] = [Math.sqrt(m / n), Math.sqrt(n / m)]
  const statistic = cells.reduce((sum, [x, y]) => sum + (up * x - down * y) ** 2 / (x + y), 0)
  return { statistic, freedom: Math.max(0, cells.length - 1) }
}

const totalOf = ({ counts, missing }: SeriesCounts): number => counts.reduce((sum, count) => sum + count, missing)

/** Of a χ² with so many degrees of freedom: mean `freedom`, variance twice that. */
const deviations = (statistic: number, freedom: number): number =>
  freedom === 0 ? 0 : (statistic - freedom) / Math.sqrt(2 * freedom)

export interface EventWeek {
  readonly events: number
  readonly alike: readonly Alikeness[]
  /** Of the number of events, by the hour; as `Alikeness`. */
  readonly sizes: number
  /** Series that are called drifted in some hour of the second week, each way of drawing. */
  readonly drifted: { readonly bins: readonly string[]; readonly events: readonly string[] }
}

/** The second week of the year of `seed` at `eventsPerHour`; the first is drawn bin by bin. `lawOf` is what single events are drawn from. */
export const eventWeek = (
  reference: ReferenceView,
  seed: number,
  eventsPerHour: number,
  lawOf: (law: HourLaw) => HourLaw = (law) => law,
): EventWeek => {
  const stream = yearStream({ seed, fault: 'none', faultFrom: 0, shareMemory: SHARE_MEMORY_HOURS, eventsPerHour })
  const single = new EventHours(seed + 50_000)
  const kept: { readonly bins: HourCounts[]; readonly events: HourCounts[] } = { bins: [], events: [] }
  const states: { bins: DriftState; events: DriftState } = { bins: INITIAL_DRIFT_STATE, events: INITIAL_DRIFT_STATE }
  const drifted = { bins: new Set<string>(), events: new Set<string>() }
  const sums = new Map<string, { statistic: number; freedom: number }>()
  let [events, sizes] = [0, 0]
  for (let hour = 0; hour < 2 * HOURS; hour++) {
    const block = stream.hour(YEAR_START + hour * MILLISECONDS_PER_HOUR)
    const own = hour < HOURS ? block : single.hour(lawOf(stream.law))
    kept.bins.push(block)
    kept.events.push(own)
    if (hour < HOURS) continue
    for (const role of ['fields', 'outputs'] as const) {
      for (const [name, counts] of Object.entries(block[role])) {
        const { statistic, freedom } = chiSquare(counts, own[role][name])
        const sum = sums.get(name) ?? { statistic: 0, freedom: 0 }
        sums.set(name, { statistic: sum.statistic + statistic, freedom: sum.freedom + freedom })
      }
    }
    const [n, m] = [totalOf(block.outputs.score), totalOf(own.outputs.score)]
    events += m
    sizes += (n - m) ** 2 / (n + m)
    const until = YEAR_START + (hour + 1) * MILLISECONDS_PER_HOUR
    for (const way of ['bins', 'events'] as const) {
      const reports = judgeDrift(reference, kept[way].slice(-HOURS), until, DRIFT_CONFIG)
      states[way] = nextDriftState(states[way], reports, until, DRIFT_CONFIG)
      for (const [key, { status }] of Object.entries(states[way].series))
        if (status === 'drifted') drifted[way].add(key)
    }
  }
  return {
    events,
    alike: [...sums].map(([series, { statistic, freedom }]) => ({
      series,
      deviations: deviations(statistic, freedom),
    })),
    sizes: deviations(sizes, HOURS),
    drifted: { bins: [...drifted.bins], events: [...drifted.events] },
  }
}
