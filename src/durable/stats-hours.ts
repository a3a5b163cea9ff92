/** What came in of one version, hour by hour: what drift is judged by. */
import { type HourCounts, mergeHours, seriesCounts } from '../core/drift/window-counts.ts'
import type { BinsBy } from '../core/statistics/counts.ts'
import { floorTo, HOUR, MINUTE, type Stretch } from '../core/statistics/rollup.ts'
import type { StatsStore } from './stats-store.ts'

/** A week: as far as drift looks back. */
const MOST_HOURS = 168

const named = (bins: BinsBy): HourCounts['fields'] =>
  Object.fromEntries(Object.entries(bins).map(([name, counts]) => [name, seriesCounts(counts)]))

export class StatsHours {
  constructor(private readonly store: StatsStore) {}

  /** From `from` to `until`, epoch milliseconds, as whole hours, at most a week; hours in which nothing came are left out. */
  read(key: string, from: number, until: number): readonly HourCounts[] {
    const end = floorTo(until, HOUR)
    const start = Math.max(floorTo(from, HOUR), end - MOST_HOURS * HOUR)
    const gathered = Math.min(Math.max(this.store.gathered.hours, start), end)
    const stretches: readonly Stretch[] = [
      { span: HOUR, from: start, to: gathered },
      { span: MINUTE, from: gathered, to: end },
    ]
    const blocks: HourCounts[] = []
    for (const stretch of stretches)
      for (const { start: at, version } of this.store.eachOf(key, stretch))
        blocks.push({ startsAt: floorTo(at, HOUR), fields: named(version.fields), outputs: named(version.outputs) })
    return mergeHours(blocks)
  }
}
