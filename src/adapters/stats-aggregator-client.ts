/** The statistics objects behind their namespace binding: each isolate has its shard, a report merges them all. */
import type { Clock, Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { emptyCounts, mergeCounts, type StatisticsCounts } from '../core/statistics/counts.ts'
import type { StatisticsDelta } from '../core/statistics/delta.ts'
import { readReleaseNews, readWindowReply } from '../core/statistics/replies.ts'
import { type StatisticsWindow, statisticsReport } from '../core/statistics/report.ts'
import { windowStretch } from '../core/statistics/rollup.ts'
import type { Statistics, Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

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
const shardName = (isolate: string, shards: number): string => `shard-${hash(isolate) % shards}`

export const statsAggregatorClient = (
  namespace: StatsAggregators,
  shards: number,
  clock: Clock,
  timers: Timers,
): Statistics => {
  const inTime = async <T>(name: string, call: Promise<T>, deadline: Deadline): Promise<T> => {
    const reply = await within(call, deadline, timers)
    if (reply === TIMED_OUT) throw new Error(`statistics ${name} did not answer in time`)
    return reply
  }

  return {
    async send(delta, deadline) {
      const name = shardName(delta.isolate, shards)
      return readReleaseNews(await inTime(name, namespace.getByName(name).apply(delta), deadline))
    },

    async read(window, deadline) {
      const asOf = clock.epochMilliseconds()
      const { from } = windowStretch(window, asOf)
      const ask = async (_: unknown, shard: number): Promise<StatisticsCounts> => {
        const name = `shard-${shard}`
        return readWindowReply(await inTime(name, namespace.getByName(name).read(window, asOf), deadline))
      }
      const replies = await Promise.allSettled(Array.from({ length: shards }, ask))
      const counts = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []))
      if (counts.length === 0) {
        const cause = replies.flatMap((reply) => (reply.status === 'rejected' ? [reply.reason] : []))
        const message = `none of the ${shards} statistics shards answered`
        throw new Failure('statistics_unavailable', message, undefined, { cause: new AggregateError(cause, message) })
      }
      const frame = { window, from, asOf, shards: { answered: counts.length, of: shards } }
      return statisticsReport(counts.reduce(mergeCounts, emptyCounts()), frame)
    },
  }
}
