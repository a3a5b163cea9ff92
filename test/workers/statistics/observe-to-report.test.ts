import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type StatsAggregators, statsAggregatorClient } from '../../../src/adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { Observer } from '../../../src/serving/observe.ts'
import { HeldBackground } from '../../support/background.ts'
import { FaultyStatistics } from '../../support/faulty-statistics.ts'
import { deltaOf, probabilities } from '../../support/statistics.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }

/** Shards that no other test uses. `broken` ones answer nothing. */
const shardsOfTheirOwn = (broken: readonly string[] = []) => {
  const test = crypto.randomUUID()
  const stub = (name: string) => STATS_AGGREGATOR.getByName(`${test}-${name}`)
  const never = () => new Promise<never>(() => {})
  const shards: StatsAggregators = {
    getByName: (name) => (broken.includes(name) ? { apply: never, read: never } : stub(name)),
  }
  return { ...shards, stub }
}

const soon = () => deadlineIn(systemClock, 5_000)
const options = {
  codeVersion: 'code-1',
  intervalMilliseconds: 20,
  deadlineMilliseconds: 2_000,
  giveUpMilliseconds: 60_000,
}

const isolate = (namespace: StatsAggregators) => {
  const client = statsAggregatorClient(namespace, 4, systemClock, systemTimers)
  const statistics = new FaultyStatistics(client)
  const parts = { statistics, clock: systemClock, timers: systemTimers, randomId: () => crypto.randomUUID() }
  const observer = new Observer({ ...parts, layoutOf: probabilities }, options)
  const background = new HeldBackground()
  const predict = (count: number): void => {
    for (let event = 0; event < count; event++)
      observer.prediction({ model: 'late-arrival', version: '1.0.0', outputs: { late_probability: 0.3 }, flags: [] })
    observer.afterAnswer(background.run)
  }
  const predictions = async (): Promise<number> =>
    (await client.read('5m', soon())).models['late-arrival']?.versions['1.0.0']?.predictions ?? 0
  return { client, statistics, observer, background, predict, predictions }
}

describe('from an observation to the report, over the real objects', () => {
  it('counts a delta once whose reply was lost after the write, also with a restart in between', async () => {
    const namespace = shardsOfTheirOwn()
    const { statistics, background, predict, predictions } = isolate(namespace)
    statistics.fault = 'reply_lost'
    predict(10)
    while (statistics.calls < 2) await systemTimers.sleep(5)
    // All of them run once they were asked; only what runs can be evicted.
    await predictions()
    for (let shard = 0; shard < 4; shard++) await evictDurableObject(namespace.stub(`shard-${shard}`))
    predict(5)
    statistics.fault = 'none'
    await background.settled()
    expect(statistics.calls).toBeGreaterThanOrEqual(3)
    expect(await predictions()).toBe(15)
  })

  it('merges the isolates of all shards', async () => {
    const namespace = shardsOfTheirOwn()
    const isolates = Array.from({ length: 12 }, () => isolate(namespace))
    for (const { predict } of isolates) predict(3)
    await Promise.all(isolates.map(({ background }) => background.settled()))
    const report = await isolates[0].client.read('1h', soon())
    expect(report.models['late-arrival'].versions['1.0.0'].predictions).toBe(36)
    expect(report).toMatchObject({ window: '1h', shards: { answered: 4, of: 4 }, code_versions: { 'code-1': 36 } })
    expect(report.code_outcomes).toEqual({ 'code-1': { events: 36, failed: 0 } })
  })

  it('says when a shard does not answer, and reports the others', async () => {
    const client = statsAggregatorClient(shardsOfTheirOwn(['shard-2']), 4, systemClock, systemTimers)
    const report = await client.read('5m', deadlineIn(systemClock, 100))
    expect(report.shards).toEqual({ answered: 3, of: 4 })
  })

  it('is unavailable when no shard answers', async () => {
    const all = ['shard-0', 'shard-1']
    const client = statsAggregatorClient(shardsOfTheirOwn(all), 2, systemClock, systemTimers)
    await expect(client.read('5m', deadlineIn(systemClock, 50))).rejects.toMatchObject({
      code: 'statistics_unavailable',
    })
    await expect(client.send(deltaOf('a', 1, 1, Date.now()), deadlineIn(systemClock, 50))).rejects.toThrow(
      /^statistics shard-[01] did not answer in time$/,
    )
  })

  it('counts each event once however often calls fail', async () => {
    const { statistics, background, predict, predictions } = isolate(shardsOfTheirOwn())
    for (const fault of ['throws', 'reply_lost', 'none', 'reply_lost', 'none'] as const) {
      statistics.fault = fault
      predict(7)
      await systemTimers.sleep(60)
    }
    await background.settled()
    expect(await predictions()).toBe(35)
  })
})
