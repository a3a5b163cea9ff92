/** The statistics objects behind their namespace binding: each isolate has its shard, a report merges them all. */
import type { Clock } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { emptyCounts, mergeCounts } from '../core/statistics/counts.ts'
import { readWindowReply } from '../core/statistics/replies.ts'
import { statisticsReport } from '../core/statistics/report.ts'
import { windowStretch } from '../core/statistics/rollup.ts'
import type { StatsAggregator } from '../durable/stats-aggregator.ts'
import type { Statistics, Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the binding. */
export type StatsAggregators = Pick<DurableObjectNamespace<StatsAggregator>, 'getByName'>

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
): Statistics => ({
  async send(delta, deadline) {
    const name = shardName(delta.isolate, shards)
    const reply = await within(namespace.getByName(name).apply(delta), deadline, timers)
    if (reply === TIMED_OUT) throw new Error(`statistics ${name} did not answer in time`)
  },

  async read(window, deadline) {
    const asOf = clock.epochMilliseconds()
    const ask = async (_: unknown, shard: number) => {
      const reply = await within(namespace.getByName(`shard-${shard}`).read(window, asOf), deadline, timers)
      return reply === TIMED_OUT ? undefined : readWindowReply(reply)
    }
    const answers = await Promise.allSettled(Array.from({ length: shards }, ask))
    const counts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []))
    if (counts.length === 0)
      throw new Failure('statistics_unavailable', `none of the ${shards} statistics shards answered`)
    return statisticsReport(counts.reduce(mergeCounts, emptyCounts()), {
      window,
      from: windowStretch(window, asOf).from,
      asOf,
      shards: { answered: counts.length, of: shards },
    })
  },
})
