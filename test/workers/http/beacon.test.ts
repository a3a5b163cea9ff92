import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { AUTO, CORE } from '../../../src/http/pages/beacon-bundle.ts'
import { createServices } from '../../../src/services.ts'

const appOf = (variables: object) => {
  const services = createServices({ ...env, ...variables } as unknown as Env)
  const app = createApp(() => services)
  return async (path: string, init: RequestInit = {}): Promise<Response> =>
    app.fetch(new Request(`https://nearcast.test${path}`, init), env)
}

const call = appOf({})

describe.each([
  ['/beacon.js', CORE],
  ['/beacon-auto.js', AUTO],
] as const)('%s', (path, { text, tag }) => {
  it('is a script that pages of any origin may load, check and keep', async () => {
    const response = await call(path, { headers: { origin: 'https://stranger.example' } })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'timing-allow-origin': '*',
      etag: tag,
    })
    expect(await response.text()).toBe(text)
  })

  it.each([tag, `W/${tag}`, `"another", ${tag}`, '*'])('is not sent again to who has it: %s', async (known) => {
    const response = await call(path, { headers: { 'if-none-match': known } })
    expect(response.status).toBe(304)
    expect(response.headers.get('etag')).toBe(tag)
    expect(await response.text()).toBe('')
  })

  it('is sent to who has another', async () => {
    expect((await call(path, { headers: { 'if-none-match': '"another"' } })).status).toBe(200)
  })

  it('answers HEAD alike, and nothing else', async () => {
    const head = await call(path, { method: 'HEAD' })
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, tag, ''])
    expect((await call(path, { method: 'POST', body: '{}' })).status).toBe(405)
  })
})

describe('BEACON_PATH', () => {
  const named = appOf({ BEACON_PATH: '/assets/shop.js' })

  it('serves both scripts under a name of their own too', async () => {
    expect(await (await named('/assets/shop.js')).text()).toBe(CORE.text)
    expect(await (await named('/assets/shop-auto.js')).text()).toBe(AUTO.text)
    expect(await (await named('/beacon.js')).text()).toBe(CORE.text)
    expect((await named('/assets/shop.js', { headers: { 'if-none-match': CORE.tag } })).status).toBe(304)
  })

  it('makes no other path anything', async () => {
    expect((await named('/assets/other.js')).status).toBe(404)
    expect((await call('/assets/shop.js')).status).toBe(404)
    expect((await named('/assets/shop.js', { method: 'POST', body: '{}' })).status).toBe(404)
  })

  it('has the limit of requests that the others have', async () => {
    const address = '203.0.113.77'
    let status = 0
    for (let tries = 0; tries < 3 && status !== 429; tries++) {
      while ((await env.PUBLIC_LIMIT.limit({ key: address })).success);
      status = (await named('/assets/shop.js', { headers: { 'cf-connecting-ip': address } })).status
    }
    expect(status).toBe(429)
  })
})

describe('what the beacon sends', () => {
  const shop = appOf({ ALLOWED_ORIGINS: 'https://shop.example', PREDICT_DEADLINE_MILLISECONDS: '30000' })
  const body = JSON.stringify({
    sent_at: Date.now(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    timings: [{ route: '/v1/predict', milliseconds: 84.2 }],
    events: [{ event_id: crypto.randomUUID(), event_name: 'page_view', createdDateTime: Date.now(), page_path: '/' }],
  })

  it.each([
    ['/v1/predict', 200],
    ['/v1/events', 202],
  ])('%s answers a page of an allowed origin so that it may read and time it', async (path, status) => {
    const headers = { origin: 'https://shop.example', 'content-type': 'text/plain;charset=UTF-8' }
    const response = await shop(path, { method: 'POST', body, headers })
    expect(response.status).toBe(status)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('timing-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(response.headers.get('traceparent')).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
  })
})
