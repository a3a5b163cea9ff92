/** A whole worker on the real bindings whose clock stands still within a request, as it does in production between I/O. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import type { Clock, Instant } from '../../../src/core/clock.ts'
import { createApp } from '../../../src/http/app.ts'
import type { StatisticsSeries } from '../../../src/protocol/series.ts'
import type { StatisticsAnswer } from '../../../src/protocol/statistics.ts'
import { createServices } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { readExposition } from '../../support/exposition.ts'

const REQUESTS = 5
/** Every request is measured, and its statistics objects are its own. */
const worker = (clock: Clock) => {
  const mark = crypto.randomUUID()
  const shards = { getByName: (name: string) => env.STATS_AGGREGATOR.getByName(`${mark}-${name}`) }
  const own = { ...env, STATS_AGGREGATOR: shards, PUBLIC_STATS: 'true', LATENCY_SAMPLE: '1', STATS_SHARDS: '1' }
  const services = createServices(own as unknown as Env, { time: { clock, timers: systemTimers } })
  const app = createApp(() => services)
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const context = createExecutionContext()
    const answer = await app.fetch(new Request(`https://nearcast.test${path}`, init), own, context)
    // The flush of the statistics is among what the request left running.
    await waitOnExecutionContext(context)
    return answer
  }
  const body = JSON.stringify({ createdDateTime: 1731880381293, zipCode: '94107' })
  return { ask, predict: () => ask('/v1/predict', { method: 'POST', body }) }
}

const durationsIn = (text: string) =>
  readExposition(text).samples.filter(({ name }) => /^nearcast_\w+_duration_seconds/.test(name))

const told = async ({ ask, predict }: ReturnType<typeof worker>) => {
  for (let request = 0; request < REQUESTS; request++) expect((await predict()).status).toBe(200)
  const metrics = await (await ask('/metrics')).text()
  const { models } = await json<StatisticsAnswer>(await ask('/v1/stats?window=1h'))
  const series = await json<StatisticsSeries>(await ask('/v1/stats/series?range=1h'))
  const version = models['late-arrival']?.versions['1.0.0']
  const points = series.points.flatMap(({ counts }) => counts?.models['late-arrival']?.versions['1.0.0'] ?? [])
  return { metrics, version, points }
}

it('tells of no duration at all where the clock stands still: not in /metrics, not in /v1/stats, not along the time line', async () => {
  const frozen: Clock = { epochMilliseconds: () => Date.now(), now: () => 1_000 as Instant }
  const { metrics, version, points } = await told(worker(frozen))
  expect(durationsIn(metrics)).toEqual([])
  const labels = { model_name: 'late-arrival', model_version: '1.0.0' }
  expect(readExposition(metrics).value('nearcast_prediction_duration_unknown_total', labels)).toBe(REQUESTS)
  const unknown = { count: 0, unknown: REQUESTS, p50: null, p90: null, p99: null }
  expect(version?.latency).toMatchObject({ ...unknown, sum_seconds: 0 })
  const stages = Object.values(version?.stages ?? {})
  expect(stages.length).toBeGreaterThan(4)
  for (const stage of stages) expect(stage).toEqual(unknown)
  const drawn = points.flatMap((point) => [point.latency, ...Object.values(point.stages)])
  expect(drawn.length).toBeGreaterThan(5)
  for (const { count, p50, p90, p99 } of drawn)
    expect({ count, p50, p90, p99 }).toEqual({ count: 0, p50: null, p90: null, p99: null })
})

it('tells of durations where it moves', async () => {
  let at = 0
  const now = (): Instant => {
    at += 1
    return at as Instant
  }
  const moving: Clock = { epochMilliseconds: () => Date.now(), now }
  const { metrics, version, points } = await told(worker(moving))
  const names = new Set(durationsIn(metrics).map(({ name }) => name))
  expect(names).toContain('nearcast_prediction_duration_seconds_count')
  expect(names).toContain('nearcast_stage_duration_seconds_count')
  expect(version?.latency).toMatchObject({ count: REQUESTS, unknown: 0 })
  expect(points.some(({ stages }) => (stages.infer?.p90 ?? 0) > 0)).toBe(true)
})
