import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import type { Services } from '../../../src/http/services.ts'
import { createServices } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { seedZips } from './seed.ts'

const ORIGIN = 'https://nearcast.test'
const SHOP = 'https://shop.example'
const STRANGER = 'https://stranger.example'
const EVENT = '{"createdDateTime":1731880381293,"zipCode":"94107"}'

const appOf = (origins: string, broken: Partial<Services> = {}) => {
  const services = createServices({
    ...env,
    ALLOWED_ORIGINS: origins,
    PREDICT_DEADLINE_MILLISECONDS: '30000',
  } as unknown as Env)
  const app = createApp(() => ({ ...services, ...broken }))
  return async (path: string, init: RequestInit = {}, at = ORIGIN): Promise<Response> =>
    app.fetch(new Request(`${at}${path}`, init), env)
}

const call = appOf(`${SHOP}, https://other.example`)
const from = (origin: string, init: RequestInit = {}): RequestInit => ({ ...init, headers: { origin } })
const beacon = (origin: string): RequestInit => ({ method: 'POST', body: EVENT, headers: { origin } })
const preflight = (origin: string, method = 'POST'): RequestInit => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'content-type',
  },
})

beforeAll(seedZips)

describe('a page of an allowed origin', () => {
  it('is told by the preflight what it may send, for two hours', async () => {
    const response = await call('/v1/predict', preflight(SHOP))
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'POST, GET, HEAD',
      'access-control-allow-headers': 'content-type, traceparent, x-request-id',
      'access-control-max-age': '7200',
      vary: 'Origin',
    })
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(await response.text()).toBe('')
  })

  it('may read answers and errors, their timing and their request id', async () => {
    const failing = appOf(SHOP, {
      models: () => {
        throw new Error('a mistake in the code')
      },
      log: () => undefined,
    })
    const address = '198.51.100.90'
    while ((await env.PUBLIC_LIMIT.limit({ key: address })).success);
    const answers = [
      await call('/v1/predict', beacon(SHOP)),
      await call('/v1/predict', { ...beacon(SHOP), body: 'no event' }),
      await call('/v1/nowhere', from(SHOP)),
      await call('/v1/events', from(SHOP)),
      await call('/v1/models', { headers: { origin: SHOP, 'cf-connecting-ip': address } }),
      await failing('/v1/models', from(SHOP)),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 404, 405, 429, 500])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(SHOP)
      expect(headers.get('timing-allow-origin')).toBe(SHOP)
      expect(headers.get('access-control-expose-headers')).toBe('x-request-id, traceparent, server-timing, retry-after')
      expect(headers.get('vary')).toBe('Origin')
    }
  })

  it('is told which methods a path has when it asks for another, and nothing of paths that are none', async () => {
    const wrong = await call('/v1/models', preflight(SHOP, 'DELETE'))
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
    expect((await call('/v1/nowhere', preflight(SHOP))).status).toBe(404)
  })
})

describe('a page of another origin', () => {
  it('is refused before its body is read, even where the browser asks nothing before it sends', async () => {
    let pulled = 0
    const body = new ReadableStream({
      pull() {
        pulled++
        return new Promise(() => undefined)
      },
    })
    const headers = { origin: STRANGER, 'content-type': 'text/plain' }
    const response = await call('/v1/events', { method: 'POST', body, headers })
    expect(response.status).toBe(403)
    expect(await json(response)).toMatchObject({
      code: 'origin_not_allowed',
      detail: `pages of ${STRANGER} may not call this: it is not among ALLOWED_ORIGINS`,
    })
    expect(pulled).toBeLessThanOrEqual(1)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it.each([STRANGER, `${SHOP}.stranger.example`, 'http://shop.example', `${SHOP}:8443`, 'null'])(
    'is one of a foreign page: %s',
    async (origin) => {
      expect((await call('/v1/predict', preflight(origin))).status).toBe(403)
      expect((await call('/v1/predict', beacon(origin))).status).toBe(403)
      expect((await call('/v1/predict?zip=94107', from(origin))).status).toBe(403)
    },
  )

  it('may call when all may', async () => {
    const open = appOf('*')
    expect((await open('/v1/predict', preflight(STRANGER))).status).toBe(204)
    expect((await open('/v1/predict', beacon('null'))).headers.get('access-control-allow-origin')).toBe('null')
    expect((await open('/v1/stats', from(STRANGER))).status).toBe(403)
  })
})

describe('whoever names no other origin', () => {
  it.each([{}, { origin: ORIGIN }])('is answered without any header of origins: %o', async (headers) => {
    const response = await call('/v1/predict', { method: 'POST', body: EVENT, headers })
    expect(response.status).toBe(200)
    const names = [...response.headers.keys()].filter((name) => /^(access-control|timing-allow|vary)/.test(name))
    expect(names).toEqual([])
  })
})

describe('a page of this machine', () => {
  it.each(['http://localhost:3000', 'http://127.0.0.1:5173', 'http://[::1]:80', 'https://shop.localhost'])(
    'may call a server of this machine, and no other: %s',
    async (origin) => {
      expect((await call('/v1/predict', beacon(origin), 'http://127.0.0.1:8787')).status).toBe(200)
      expect((await call('/v1/predict', beacon(origin))).status).toBe(403)
      expect((await call('/v1/stats', from(origin), 'http://127.0.0.1:8787')).status).toBe(403)
    },
  )

  it('is none by its name alone', async () => {
    for (const origin of ['http://localhost.stranger.example', 'http://127.0.0.1.stranger.example']) {
      expect((await call('/v1/predict', beacon(origin), 'http://localhost:8787')).status).toBe(403)
    }
  })
})

describe('the first page', () => {
  /** The page's own program may hold anything. */
  const withoutProgram = (html: string): string => html.replace(/<script>[\s\S]*?<\/script>/, '')
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } }

  it('is JSON for curl and HTML for a browser', async () => {
    const forCurl = await call('/', { headers: { accept: '*/*' } })
    expect(forCurl.headers.get('content-type')).toBe('application/json')
    expect(
      (await call('/', { headers: { accept: 'text/html;q=0, application/json' } })).headers.get('content-type'),
    ).toBe('application/json')
    const page = await call('/', browser)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('vary')).toBe('Accept, Origin')
  })

  it('lets nothing in but its one style, its one program, and scripts of this server', async () => {
    const page = await call('/', browser)
    const html = await page.text()
    const hashOf = async (pattern: RegExp): Promise<string> => {
      const text = pattern.exec(html)?.[1] ?? ''
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
      return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`
    }
    const [style, script] = await Promise.all([
      hashOf(/<style>([^<]*)<\/style>/),
      hashOf(/<script>([\s\S]*?)<\/script>/),
    ])
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src ${style}; script-src ${script} 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    )
    const markup = withoutProgram(html)
    expect(markup).not.toMatch(/\son\w+=|\sstyle=|javascript:/i)
    expect([...markup.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script defer src="/beacon.js" data-auto-capture>',
    ])
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('geolocation=()'),
    })
  })

  it('is well-formed, labelled, and holds the command and links that work', async () => {
    const html = withoutProgram(await (await call('/', browser)).text())
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(html).toMatch(/<title>Nearcast demo<\/title>/)
    const open: string[] = []
    for (const [, close, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (['meta', 'link', 'input'].includes(name)) continue
      if (close === '/') expect(open.pop()).toBe(name)
      else open.push(name)
    }
    expect(open).toEqual([])
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const fields = [...html.matchAll(/<(?:input|select) id="([^"]+)"/g)].map(([, id]) => id)
    expect([...html.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id)).toEqual(fields)
    expect([...html.matchAll(/<h1>/g)]).toHaveLength(1)
    expect(html).toContain(`curl -s ${ORIGIN}/v1/predict -d &#39;{&quot;createdDateTime&quot;`)
    for (const [, href = ''] of html.matchAll(/<a href="([^"]+)"/g)) {
      const { status } = await call(href.startsWith('/') ? href : href.slice(ORIGIN.length))
      expect(`${href} ${status}`).toBe(`${href} ${href.endsWith('/v1/stats') ? 401 : 200}`)
    }
  })
})
