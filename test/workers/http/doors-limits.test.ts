import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { createServices, type Decorators } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { seedZips } from './seed.ts'

const WRITE = 'write-token-of-limits'
const EVENT = '{"createdDateTime":1731880381293,"zipCode":"94107"}'
const OUTCOME = '{"id":"door-limits","output":"late_probability","value":true}'

const appOf = (decorators: Decorators = {}) => {
  const lines: string[] = []
  const services = createServices(
    { ...env, WRITE_TOKEN: WRITE, PREDICT_DEADLINE_MILLISECONDS: '30000' } as unknown as Env,
    decorators,
  )
  const app = createApp(() => ({ ...services, log: (line: string) => void lines.push(line) }))
  const call = async (path: string, address: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('cf-connecting-ip', address)
    return app.fetch(new Request(`https://nearcast.test${path}`, { ...init, headers }), env)
  }
  return { call, lines, services }
}

const exhaust = async (limit: RateLimit, key: string): Promise<void> => {
  while ((await limit.limit({ key })).success);
}

const bearer = (token: string): RequestInit => ({
  method: 'POST',
  body: OUTCOME,
  headers: { authorization: `Bearer ${token}` },
})

beforeAll(seedZips)

describe('the limit of requests', () => {
  it('names itself and how long to wait', async () => {
    const { call } = appOf()
    await exhaust(env.PUBLIC_LIMIT, '198.51.100.1')
    const response = await call('/v1/predict?zip=94107', '198.51.100.1')
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('10')
    expect(await json(response)).toMatchObject({
      code: 'rate_limited',
      detail: 'more than 2000 requests in 10 s from your address; wait 10 s',
    })
    expect((await call('/v1/predict?zip=94107', '198.51.100.2')).status).toBe(200)
  })

  it('takes the addresses of one IPv6 network for one', async () => {
    const { call } = appOf()
    await exhaust(env.PUBLIC_LIMIT, '2001:db8:5:6')
    expect((await call('/v1/models', '2001:db8:5:6:aaaa::1')).status).toBe(429)
    expect((await call('/v1/models', '2001:db8:5:7:aaaa::1')).status).toBe(200)
  })

  it.each(['fails', 'hangs'])('lets requests pass when its binding %s, and counts them', async (fault) => {
    const time = new ManualClock(Date.now())
    const { call, services } = appOf({
      ...(fault === 'hangs' && { time: { clock: time, timers: time } }),
      requestLimit: (limit) => ({
        ...limit,
        admits: () => (fault === 'hangs' ? new Promise(() => undefined) : Promise.reject(new Error('down'))),
      }),
    })
    const counted: string[] = []
    const { observer } = services
    const limitFault = observer.limitFault.bind(observer)
    observer.limitFault = (seen) => {
      counted.push(seen)
      limitFault(seen)
    }
    const answer = call('/livez', '198.51.100.3')
    expect((await answer).status).toBe(200)
    expect(counted).toEqual([])
    const limited = call('/v2', '198.51.100.3')
    if (fault === 'hangs') await time.advance(25)
    expect((await limited).status).toBe(200)
    expect(counted).toEqual([fault === 'hangs' ? 'timeout' : 'error'])
  })

  it('is not asked for this very machine, nor without an address', async () => {
    let asked = 0
    const { call } = appOf({
      requestLimit: (limit) => ({
        ...limit,
        admits: (key) => {
          asked++
          return limit.admits(key)
        },
      }),
    })
    expect((await call('/v1/predict', '127.0.0.1', { method: 'POST', body: EVENT })).status).toBe(200)
    expect(asked).toBe(0)
    expect((await call('/v1/predict', '198.51.100.4', { method: 'POST', body: EVENT })).status).toBe(200)
    expect(asked).toBe(1)
  })
})

describe('wrong tokens', () => {
  it('are few: then no token of the address is looked at, not even the right one, by this isolate', async () => {
    const { call } = appOf()
    const address = '198.51.100.20'
    expect((await call('/v1/outcomes', address, bearer('a-wrong-token-of-limits'))).status).toBe(401)
    await exhaust(env.TOKEN_LIMIT, address)
    expect((await call('/v1/outcomes', address, bearer(WRITE))).status).toBe(200)
    const refused = await call('/v1/outcomes', address, bearer('a-wrong-token-of-limits'))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await call('/v1/outcomes', address, bearer(WRITE))).status).toBe(429)
    expect((await call('/v1/outcomes', '198.51.100.21', bearer(WRITE))).status).toBe(200)
  })

  it('count where a public route wants a token too', async () => {
    const { call } = appOf()
    const address = '198.51.100.22'
    await exhaust(env.TOKEN_LIMIT, address)
    const path = '/v1/models/late-arrival/versions/9.9.9/predict'
    const ask = (token: string) => call(path, address, { ...bearer(token), body: EVENT })
    expect((await ask('a-wrong-token-of-limits')).status).toBe(429)
    expect((await call(path, address, { method: 'POST', body: EVENT })).status).toBe(429)
  })

  it('stand in no log and in no answer', async () => {
    const { call, lines } = appOf()
    const token = 'a-secret-that-nobody-may-see'
    const response = await call('/v1/outcomes', '198.51.100.23', bearer(token))
    expect(response.status).toBe(401)
    expect(`${await response.text()}${JSON.stringify([...response.headers])}${lines.join('')}`).not.toContain(token)
  })
})
