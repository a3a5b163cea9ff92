import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type CountingShards, messageStatisticsClient } from '../../../src/adapters/message-statistics-client.ts'
import { shardOf } from '../../../src/adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { eventsIn } from '../../../src/core/statistics/counts.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { deltaOf } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }

const SHARDS = 3
const soon = (milliseconds = 5_000) => deadlineIn(systemClock, milliseconds)
const newId = (): string => crypto.randomUUID()

/** Shards that no other test uses; `broken` ones answer nothing. */
const ownShards = (broken: readonly string[] = []) => {
  const test = newId()
  const stub = (name: string) => STATS_AGGREGATOR.getByName(`${test}-${name}`)
  const calls: string[] = []
  const shards: CountingShards = {
    getByName: (name) => ({
      applyMany: (deltas) => {
        calls.push(name)
        return broken.includes(name) ? new Promise<never>(() => {}) : stub(name).applyMany(deltas)
      },
    }),
  }
  const stubs = Array.from({ length: SHARDS }, (_, shard) => stub(`shard-${shard}`))
  const counted = async (): Promise<number> => {
    const replies = await Promise.all(stubs.map((shard) => shard.read('1h', Date.now())))
    return replies.reduce((sum, { counts }) => sum + eventsIn(counts), 0)
  }
  const logged: string[] = []
  return {
    client: messageStatisticsClient(shards, SHARDS, systemTimers, (line) => logged.push(line)),
    stubs,
    counted,
    calls,
    logged,
  }
}

const messages = (count: number) => Array.from({ length: count }, () => deltaOf(newId(), 1, 4, Date.now()))

describe('the statistics of messages', () => {
  it('count each message once, in one call for each object', async () => {
    const { client, stubs, counted, calls } = ownShards()
    const deltas = messages(20)
    const { counted: first, news } = await client.count([...deltas, ...deltas.slice(0, 5)], soon())
    expect(first).toEqual(Array.from({ length: 25 }, () => true))
    expect(news.map(({ model }) => model)).toContain('late-arrival')
    expect([...calls].sort()).toEqual(['shard-0', 'shard-1', 'shard-2'])
    for (const shard of stubs) await evictDurableObject(shard)
    await client.count(deltas.slice(3), soon())
    expect(await counted()).toBe(20 * 4)
  })

  it('say which messages an object that is down did not count', async () => {
    const { client, counted, logged } = ownShards(['shard-1'])
    const deltas = messages(20)
    const { counted: answers } = await client.count(deltas, soon(100))
    expect(answers).toEqual(deltas.map(({ isolate }) => shardOf(isolate, SHARDS) !== 'shard-1'))
    expect(await counted()).toBe(answers.filter((answer) => answer).length * 4)
    expect(logged).toEqual([
      expect.stringMatching(/^statistics shard-1 did not count \d+ messages: Error: no answer in time$/),
    ])
  })

  it('count nothing of a call in which something is no delta', async () => {
    const shard = STATS_AGGREGATOR.getByName(newId())
    await runInDurableObject(shard, async (instance) => {
      await expect(instance.applyMany([...messages(1), { format: 9 }])).rejects.toThrow('format is 9')
    })
    expect(eventsIn((await shard.read('1h', Date.now())).counts)).toBe(0)
  })
})
