/** The statistics objects as they count messages: each message has its shard, as each isolate has. */
import { quote } from '../core/failure.ts'
import { isJsonObject } from '../core/json.ts'
import type { StatisticsDelta } from '../core/statistics/delta.ts'
import { type ReleaseNews, readReleaseNews } from '../core/statistics/replies.ts'
import type { MessageStatistics } from '../serving/ports/message-statistics.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { shardOf } from './stats-aggregator-client.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface CountingShards {
  getByName(name: string): { applyMany(deltas: readonly StatisticsDelta[]): Promise<unknown> }
}

/** Deltas in one call: each has a few KB, at most 1 MB, and an RPC takes 32 MiB. */
const MAX_DELTAS = 25

interface Part {
  readonly name: string
  readonly deltas: StatisticsDelta[]
  readonly places: number[]
}

export const messageStatisticsClient = (
  namespace: CountingShards,
  shards: number,
  timers: Timers,
  log: (line: string) => void,
): MessageStatistics => ({
  async count(deltas, deadline) {
    const parts: Part[] = []
    deltas.forEach((delta, place) => {
      const name = shardOf(delta.isolate, shards)
      let part = parts.find((one) => one.name === name && one.deltas.length < MAX_DELTAS)
      if (part === undefined) {
        part = { name, deltas: [], places: [] }
        parts.push(part)
      }
      part.deltas.push(delta)
      part.places.push(place)
    })
    const counted = deltas.map(() => false)
    const countPart = async ({ name, deltas: some, places }: Part): Promise<readonly ReleaseNews[]> => {
      try {
        const reply = await within(namespace.getByName(name).applyMany(some), deadline, timers)
        if (reply === TIMED_OUT) throw new Error('no answer in time')
        const format = isJsonObject(reply) ? reply.format : undefined
        if (format !== 1) throw new RangeError(`format is ${quote(format)}, expected 1`)
        for (const place of places) counted[place] = true
        return readReleaseNews(reply)
      } catch (error) {
        log(`statistics ${name} did not count ${some.length} messages: ${String(error)}`)
        return []
      }
    }
    const news = await Promise.all(parts.map(countPart))
    return { counted, news: news.flat() }
  },
})
