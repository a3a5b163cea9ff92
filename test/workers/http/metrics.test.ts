import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { METRICS } from '../../../src/protocol/metrics.ts'
import { createServices, type Decorators } from '../../../src/services.ts'
import { type ReadMetrics, readExposition } from '../../support/exposition.ts'
import { faultyLetters, type LetterFault } from '../../support/letters.ts'
import { seedZips } from './seed.ts'

const { READ_TOKEN } = env as unknown as { READ_TOKEN: string }
const V1 = { model_name: 'late-arrival', model_version: '1.0.0' }

const isolate = (decorators: Decorators = {}, variables: object = {}) => {
  const services = createServices({ ...env, ...variables } as Env, decorators)
  const app = createApp(() => services)
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const context = createExecutionContext()
    const response = await app.request(path, init, env, context)
    await waitOnExecutionContext(context)
    return response
  }
  const scrape = async (): Promise<ReadMetrics> => {
    const response = await call('/metrics', { headers: { authorization: `Bearer ${READ_TOKEN}` } })
    expect(response.status).toBe(200)
    return readExposition(await response.text())
  }
  return { call, scrape }
}

const post = (body: string): RequestInit => ({ method: 'POST', body })
const event = JSON.stringify({ createdDateTime: 1731880381293, zipCode: '94107' })

beforeAll(seedZips)

describe('GET /metrics', () => {
  it('is the text format, for whoever has the token', async () => {
    const { call } = isolate()
    const response = await call('/metrics', { headers: { authorization: `Bearer ${READ_TOKEN}` } })
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect((await call('/metrics')).status).toBe(401)
  })

  it('counts each prediction and each refusal, and no number ever falls', async () => {
    const { call, scrape } = isolate()
    const before = await scrape()
    await call('/v1/predict', post(`[${event},${event},{"zipCode":"94107"}]`))
    await call('/v1/predict', post('no json'))
    const after = await scrape()
    const growth = (name: string, labels: object): number =>
      (after.value(name, { ...labels }) ?? 0) - (before.value(name, { ...labels }) ?? 0)
    expect(growth('nearcast_predictions_total', { ...V1, outcome: 'ok' })).toBe(2)
    expect(growth('nearcast_rejected_total', { code: 'missing_time' })).toBe(1)
    expect(growth('nearcast_rejected_total', { code: 'invalid_json' })).toBe(1)
    for (const { name, type } of Object.values(METRICS).filter((metric) => metric.type !== 'gauge')) {
      for (const sample of before.samples) {
        if (sample.name !== name && !(type === 'histogram' && sample.name.startsWith(`${name}_`))) continue
        expect(after.value(sample.name, sample.labels)).toBeGreaterThanOrEqual(sample.value)
      }
    }
  })

  it('says what is released, which shards answered and which code counted', async () => {
    const { scrape } = isolate()
    const { value, samples } = await scrape()
    expect(value('nearcast_release_info', { ...V1, role: 'stable' })).toBe(1)
    expect(value('nearcast_release_share_ratio', V1)).toBe(1)
    expect(value('nearcast_statistics_shards')).toBe(4)
    expect(value('nearcast_statistics_shards_answered')).toBe(4)
    expect(value('nearcast_dead_letters', { state: 'waiting' })).toBeGreaterThanOrEqual(0)
    expect(samples.filter(({ name }) => name === 'nearcast_build_info')).toHaveLength(1)
  })

  it.each(['before', 'hangs'] as const)('leaves the dead letters out while they do not answer: %s', async (broken) => {
    let fault: LetterFault = broken
    const variables = { STATS_DEADLINE_MILLISECONDS: '1000' }
    const { scrape } = isolate({ letters: (real) => faultyLetters(real, () => fault) }, variables)
    const without = await scrape()
    expect(without.families.has('nearcast_dead_letters')).toBe(false)
    expect(without.families.has('nearcast_predictions_total')).toBe(true)
    fault = 'none'
    expect((await scrape()).families.has('nearcast_dead_letters')).toBe(true)
  })
})
