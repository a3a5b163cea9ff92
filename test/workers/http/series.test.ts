import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { type SeriesCountsAnswer, type StatisticsSeries, seriesSchema } from '../../../src/protocol/series.ts'
import { createServices, type Decorators } from '../../../src/services.ts'
import { type CallFault, faultyControl } from '../../support/faulty-registry.ts'
import { faultyLetters, type LetterFault } from '../../support/letters.ts'
import { command, filesOf, newName, publish } from '../release/versions.ts'
import { seedZips } from './seed.ts'

const { READ_TOKEN } = env as unknown as { READ_TOKEN: string }
const TOKEN = { headers: { authorization: `Bearer ${READ_TOKEN}` } }

const isolate = (decorators: Decorators = {}, variables: object = {}) => {
  const services = createServices({ ...env, ...variables } as Env, decorators)
  const app = createApp(() => services)
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const context = createExecutionContext()
    const response = await app.request(path, init, env, context)
    await waitOnExecutionContext(context)
    return response
  }
  const series = async (range = '5m'): Promise<StatisticsSeries> => {
    const response = await call(`/v1/stats/series?range=${range}`, TOKEN)
    expect(response.status).toBe(200)
    return seriesSchema.strict().parse(await response.json())
  }
  return { call, series, services }
}

/** What was counted from `since` on, epoch milliseconds: what leaves the range meanwhile is not looked at. */
const sumIn = ({ points }: StatisticsSeries, since: number, count: (counts: SeriesCountsAnswer) => number): number =>
  points.reduce((sum, { from, counts }) => sum + (counts === null || from < since ? 0 : count(counts)), 0)
const predicted = ({ models }: SeriesCountsAnswer): number =>
  models['late-arrival']?.versions['1.0.0']?.predictions ?? 0
const refused = ({ rejected }: SeriesCountsAnswer): number => rejected.missing_time ?? 0

beforeAll(seedZips)

describe('GET /v1/stats/series', () => {
  it('is for whoever has the token, and names a range that is none', async () => {
    const { call } = isolate()
    expect((await call('/v1/stats/series')).status).toBe(401)
    const refused = await call('/v1/stats/series?range=2h', TOKEN)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      code: 'invalid_parameter',
      detail: expect.stringContaining('range is "2h"'),
    })
  })

  it('shows what was predicted and refused, in each range', async () => {
    const { call, series } = isolate()
    const before = await Promise.all((['5m', '1h', '24h', '7d', '30d'] as const).map(series))
    const event = '{"createdDateTime":1731880381293,"zipCode":"94107"}'
    await call('/v1/predict', { method: 'POST', body: `[${event},${event},{"zipCode":"94107"}]` })
    const after = await Promise.all((['5m', '1h', '24h', '7d', '30d'] as const).map(series))
    for (const [at, one] of after.entries()) {
      const growth = (count: (counts: SeriesCountsAnswer) => number): number =>
        sumIn(one, one.from, count) - sumIn(before[at] as StatisticsSeries, one.from, count)
      expect([one.range, growth(predicted), growth(refused)]).toEqual([one.range, 2, 1])
    }
    expect(after[0]).toMatchObject({
      range: '5m',
      step_seconds: 5,
      releases: expect.any(Array),
      shards: { answered: 4, of: 4 },
    })
    expect(after[0]?.dead_letters?.waiting).toBeGreaterThanOrEqual(0)
  })

  it('marks the changes of a release, without who made them and why', async () => {
    const name = newName()
    expect((await publish(name, filesOf(name, '1.0.0'))).status).toBe(201)
    expect((await command(name, { command: 'switch', version: '1.0.0', by: 'anna', reason: 'a secret' })).status).toBe(
      200,
    )
    const { services } = isolate()
    const told = await services.series?.read('1h', [name])
    expect(told?.releases).toEqual([
      {
        model_name: name,
        at: expect.any(Number),
        revision: 1,
        command: 'switch',
        stable: '1.0.0',
        canary: null,
        shadow: null,
        by: 'operator',
        rule: null,
      },
    ])
    expect(JSON.stringify(told)).not.toMatch(/anna|a secret/)
  })

  it.each(['before', 'hangs'] as const)(
    'does without what is beside it while that does not answer: %s',
    async (broken) => {
      let [letterFault, controlFault]: [LetterFault, CallFault] = [broken, 'before']
      const decorators: Decorators = {
        letters: (real) => faultyLetters(real, () => letterFault),
        control: (real) => faultyControl(real, () => controlFault),
      }
      const { series } = isolate(decorators, { STATS_DEADLINE_MILLISECONDS: '1000' })
      expect(await series()).toMatchObject({ releases: null, dead_letters: null, shards: { answered: 4, of: 4 } })
      ;[letterFault, controlFault] = ['none', 'none']
      expect(await series()).toMatchObject({
        releases: expect.any(Array),
        dead_letters: { waiting: expect.any(Number) },
      })
    },
  )
})

describe('GET /dashboard', () => {
  it('is one page that loads nothing from elsewhere, and says whether a token is wanted', async () => {
    const { call } = isolate()
    const response = await call('/dashboard')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'/,
    )
    expect(policy).not.toMatch(/unsafe|https?:/)
    const page = await response.text()
    expect(page).toContain('data-public="false"')
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page.match(/<\/script/g)).toHaveLength(1)
    expect(page).not.toMatch(/(?:src|href)="(?!#|\/|data:)/)
    expect(page).toContain('Permission is hereby granted')
    expect(await (await isolate({}, { PUBLIC_STATS: 'true' }).call('/dashboard')).text()).toContain(
      'data-public="true"',
    )
  })
})
