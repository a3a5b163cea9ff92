import { describe, expect, it } from 'vitest'
import type { StatisticsAnswer } from '../../../src/protocol/statistics.ts'
import { releaseIsolate } from '../../support/release-isolate.ts'

/** An isolate every request of which is measured. */
const isolate = () => releaseIsolate({ env: { LATENCY_SAMPLE: '1', PUBLIC_STATS: 'true' } })

const statsOf = async ({ app }: ReturnType<typeof isolate>): Promise<StatisticsAnswer> =>
  (await app.request('/v1/stats?window=5m')).json() as Promise<StatisticsAnswer>

const STAGES = ['parse', 'zip', 'features', 'infer']

describe('while the clock stands still, as it does in production between I/O', () => {
  it('no latency is zero: each stage and the whole are unknown, and have no quantile', async () => {
    const one = isolate()
    for (let request = 0; request < 5; request++) await one.predict()
    // The zero timer after the answer fires, and the clock has not moved.
    await one.clock.advance(0)
    await one.clock.advance(5_000)
    const version = (await statsOf(one)).models.adder?.versions['1.0.0']
    expect(version?.latency).toMatchObject({ count: 0, unknown: 5, sum_seconds: 0, p50: null, p90: null, p99: null })
    expect(version?.latency.buckets.every(({ count }) => count === 0)).toBe(true)
    const unknown = { count: 0, unknown: 5, p50: null, p90: null, p99: null }
    expect(version?.stages).toEqual(Object.fromEntries([...STAGES, 'total'].map((stage) => [stage, unknown])))
  })

  it('Server-Timing names the stages without a duration', async () => {
    const { ask } = isolate()
    const { headers } = await ask([{}])
    expect(headers.get('server-timing')).toMatch(/^parse/)
    expect(headers.get('server-timing')).not.toContain('dur=')
  })
})

describe('requests', () => {
  it('are counted by operation and class of status, with those refused and those for which there is no route', async () => {
    const one = isolate()
    await one.ask({ zipCode: '94107' })
    await one.ask({}, '/nowhere/1')
    await one.ask({}, '/nowhere/2')
    for (let request = 0; request < 3; request++) await one.predict()
    await one.clock.advance(5_000)
    expect((await statsOf(one)).requests).toEqual({ 'predict 2xx': 3, 'predict 4xx': 1, 'none 4xx': 2 })
  })

  it('alone cause no call of the statistics: whoever scrapes would cause a write each time', async () => {
    const one = isolate()
    await one.app.request('/v2/health/live')
    await statsOf(one)
    await one.clock.advance(60_000)
    expect(one.memory.sent).toEqual([])
    await one.predict()
    await one.clock.advance(5_000)
    expect(Object.keys(one.memory.counts.requests)).toContain('predict 2xx')
    expect(one.memory.counts.requests).toMatchObject({ 'getStatistics 2xx': 1 })
  })
})
