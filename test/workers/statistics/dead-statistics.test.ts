/** Ten minutes, and longer, without the statistics objects: predictions do not notice, memory stays bounded, and the report says what was lost. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { type StatsAggregators, statsAggregatorClient } from '../../../src/adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { StatisticsDelta } from '../../../src/core/statistics/delta.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { createApp } from '../../../src/http/app.ts'
import { createServices } from '../../../src/services.ts'
import { Observer } from '../../../src/serving/observe.ts'
import type { Statistics } from '../../../src/serving/ports.ts'
import { FaultyStatistics } from '../../support/faulty-statistics.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { probabilities } from '../../support/statistics.ts'
import { seedZips } from '../http/seed.ts'

const { STATS_AGGREGATOR } = env as unknown as { STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator> }
const MINUTE = 60_000
/** As docs/operating.md has it: counts wait, and are lost after 12 minutes. */
const OPTIONS = {
  codeVersion: 'code-1',
  intervalMilliseconds: 1_000,
  deadlineMilliseconds: 2_000,
  giveUpMilliseconds: 12 * MINUTE,
}

/** An isolate on a clock in the test's hand, before real objects of its own that fail as asked. */
const isolate = () => {
  const test = crypto.randomUUID()
  const namespace: StatsAggregators = { getByName: (name) => STATS_AGGREGATOR.getByName(`${test}-${name}`) }
  const clock = new ManualClock(Date.now())
  const client = statsAggregatorClient(namespace, 2, systemClock, systemTimers)
  let heaviest = 0
  const weighed: Statistics = {
    send: (delta: StatisticsDelta, deadline) => {
      heaviest = Math.max(heaviest, JSON.stringify(delta).length)
      return client.send(delta, deadline)
    },
    read: client.read,
  }
  const statistics = new FaultyStatistics(weighed)
  const observer = new Observer(
    { statistics, clock, timers: clock, randomId: () => crypto.randomUUID(), layoutOf: probabilities },
    OPTIONS,
  )
  /** A request's background work is cut off after 30 s; what it leaves is the next request's. */
  const predict = (events: number, version = '1.0.0', flags: readonly string[] = []): void => {
    for (let event = 0; event < events; event++)
      observer.prediction({ model: 'dead', version, outputs: { late_probability: 0.3 }, flags })
    observer.afterAnswer((work) => void work.catch(() => undefined))
  }
  /** What a canary of its own, beside stable, leaves of `events` events. */
  const compare = (canary: string, events: number): void => {
    const subject = { model: 'dead', canary, stable: '1.0.0', since: 0 }
    const evidence = observer.evidence(subject, [{ name: 'p', range: [0, 1], threshold: 0.5 }])
    const pair = observer.pair({ model: 'dead', first: '1.0.0', other: canary })
    for (let event = 0; event < events; event++) {
      const [stable, other] = [{ p: 0.3 }, { p: event / events }]
      const at = clock.epochMilliseconds()
      evidence.pair({ unit: event, at, stable: { outputs: stable }, canary: { outputs: other } })
      pair.compared(stable, other, () => 0.5)
      const outputs = [{ name: 'p', kind: 'probability', range: null }] as const
      observer.compared(subject, outputs, { event, unit: event, at, stable, canary: other })
    }
  }
  /** What the shards say once everything has come to them. */
  const report = async (isAll: (predictions: number, lost: number) => boolean) => {
    for (let turn = 0; turn < 400; turn++) {
      await clock.advance(100)
      await systemTimers.sleep(5)
      const { models, lost } = await client.read('1h', deadlineIn(systemClock, 5_000))
      // Of so many versions some are counted together, under no model's name.
      const versions = Object.values(models).flatMap((model) => Object.values(model.versions))
      const predictions = versions.reduce((sum, one) => sum + one.predictions, 0)
      if (isAll(predictions, lost)) return { predictions, lost }
    }
    throw new Error('not everything has come to the shards')
  }
  return { clock, statistics, predict, compare, report, heaviest: () => heaviest }
}

describe('with the statistics objects dead', () => {
  it.each(['throws', 'silent'] as const)('for ten minutes (%s) nothing is lost', async (fault) => {
    const { clock, statistics, predict, report } = isolate()
    statistics.fault = fault
    for (let minute = 0; minute < 10; minute++) {
      for (let second = 0; second < 60; second += 2) {
        predict(5)
        await clock.advance(2_000)
      }
    }
    // Once a second while it works, seldomer while it does not: no storm of retries.
    expect(statistics.calls).toBeLessThan(10 * 60)
    statistics.fault = 'none'
    predict(1)
    expect(await report((predictions) => predictions === 1_501)).toEqual({ predictions: 1_501, lost: 0 })
  })

  it('for longer than counts wait, what is lost is counted, to the event', async () => {
    const { clock, statistics, predict, report } = isolate()
    statistics.fault = 'throws'
    for (let second = 0; second < 13 * 60; second += 2) {
      predict(1)
      await clock.advance(2_000)
    }
    statistics.fault = 'none'
    predict(1)
    const { predictions, lost } = await report((counted, given) => counted + given === 391)
    expect(lost).toBeGreaterThan(0)
    expect(predictions).toBeGreaterThan(0)
  })

  it('what waits stays bounded, whatever is counted meanwhile', async () => {
    const { clock, statistics, predict, compare, report, heaviest } = isolate()
    statistics.fault = 'throws'
    const flags = Array.from({ length: 100 }, (_, flag) => `flag_${flag}`)
    for (let minute = 0; minute < 10; minute++) {
      for (let version = 0; version < 50; version++) {
        predict(10, `1.${minute}.${version}`, flags)
        compare(`1.${minute}.${version}`, 200)
      }
      await clock.advance(MINUTE)
    }
    statistics.fault = 'none'
    predict(1)
    await report((predictions) => predictions === 5_001)
    expect(heaviest()).toBeLessThan(1_000_000)
  })
})

describe('predictions', () => {
  beforeAll(seedZips)

  it.each(['throws', 'silent'] as const)(
    'are the same and wait for nothing while the objects are dead (%s)',
    async (fault) => {
      const ask = async (decorate: (real: Statistics) => Statistics) => {
        const clock = new ManualClock(Date.now())
        const services = createServices(env as unknown as Env, { statistics: decorate, time: { clock, timers: clock } })
        const app = createApp(() => services)
        const answers: unknown[] = []
        for (let request = 0; request < 3; request++) {
          const context = createExecutionContext()
          const body = '{"id":"dead-statistics","createdDateTime":1731880381293,"zipCode":"94107"}'
          // The clock stands still, so what waits for a deadline never comes back.
          const response = await app.request('/v1/predict', { method: 'POST', body }, env, context)
          const { receipt: _, ...answer } = (await response.json()) as Record<string, unknown>
          answers.push([response.status, answer])
          // Its statistics are under way meanwhile, and stay so.
          await clock.advance(2_000)
        }
        return answers
      }
      const dead = (real: Statistics): Statistics => {
        const statistics = new FaultyStatistics(real)
        statistics.fault = fault
        return statistics
      }
      expect(await ask(dead)).toEqual(await ask((real) => real))
    },
  )
})
