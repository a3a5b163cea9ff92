/** The statistics objects behind their namespace binding: each isolate has its shard, a report merges them all. */
import type { Clock } from '../core/clock.ts'
import { emptyCounts, mergeCounts } from '../core/statistics/counts.ts'
import type { StatisticsDelta } from '../core/statistics/delta.ts'
import { readReleaseNews, readWindowReply } from '../core/statistics/replies.ts'
import { type StatisticsWindow, statisticsReport } from '../core/statistics/report.ts'
import { windowStretch } from '../core/statistics/rollup.ts'
import type { Statistics, Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { askShards, shardName } from './ask-shards.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface StatsAggregators {
  getByName(name: string): {
    apply(delta: StatisticsDelta): Promise<unknown>
    read(window: StatisticsWindow, now: number): Promise<unknown>
  }
}

/** FNV-1a over the characters, 32 bits (Fowler, Noll, Vo): spreads random ids evenly over a few shards. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** The object an isolate's deltas go to, always the same one: only there is a repeated delta recognised. */
export const shardOf = (isolate: string, shards: number): string => shardName(hash(isolate) % shards)

export const statsAggregatorClient = (
  namespace: StatsAggregators,
  shards: number,
  clock: Clock,
  timers: Timers,
): Statistics => ({
  async send(delta, deadline) {
    const name = shardOf(delta.isolate, shards)
    const reply = await within(namespace.getByName(name).apply(delta), deadline, timers)
    if (reply === TIMED_OUT) throw new Error(`statistics ${name} did not answer in time`)
    return readReleaseNews(reply)
  },

  async read(window, deadline) {
    const asOf = clock.epochMilliseconds()
    const { from } = windowStretch(window, asOf)
    const counts = await askShards(
      shards,
      async (name) => readWindowReply(await namespace.getByName(name).read(window, asOf)),
      deadline,
      timers,
    )
    const frame = { window, from, asOf, shards: { answered: counts.length, of: shards } }
    return statisticsReport(counts.reduce(mergeCounts, emptyCounts()), frame)
  },
})
