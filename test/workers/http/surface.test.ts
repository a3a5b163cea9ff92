import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { PROBLEMS } from '../../../src/protocol/problem.ts'
import { ROUTES, type RouteDeclaration } from '../../../src/protocol/routes.ts'
import { json } from '../../support/answer.ts'
import { seedZips } from './seed.ts'

const call = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(`https://nearcast.test${path}`, init))
const bearer = (token: string | undefined): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
const { READ_TOKEN } = env as unknown as { READ_TOKEN: string }

beforeAll(seedZips)

describe('the HTTP surface', () => {
  it('is live, and ready once the golden rows gave their stored answers', async () => {
    expect(await (await call('/livez')).json()).toEqual({ live: true })
    const ready = await call('/readyz')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ ready: true, reasons: [] })
  })

  it('lists the models with their release and manifest', async () => {
    const { models } = await json<{ models: { name: string; release: object; manifest: { sha256: string } }[] }>(
      await call('/v1/models'),
    )
    expect(models[0]).toMatchObject({
      name: 'late-arrival',
      versions: ['1.0.0'],
      release: { revision: 0, stable: '1.0.0', source: 'bundled' },
      manifest: { name: 'late-arrival', version: '1.0.0', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(await (await call('/v1/models/late-arrival')).json()).toEqual(models[0])
    expect((await call('/v1/models/nobody')).status).toBe(404)
  })

  it('welcomes with links that work and a command to paste', async () => {
    const { links, try: command } = await json<{ links: Record<string, string>; try: string }>(await call('/'))
    expect(command).toContain('curl')
    for (const [name, link] of Object.entries(links)) {
      const response = await exports.default.fetch(new Request(link, name === 'statistics' ? bearer(READ_TOKEN) : {}))
      expect(`${name} ${response.status}`).toBe(`${name} 200`)
    }
  })

  it('describes every declared route in its OpenAPI document, and answers every one', async () => {
    const document = await json<{ openapi: string; paths: Record<string, Record<string, { responses: object }>> }>(
      await call('/openapi.json'),
    )
    expect(document.openapi).toMatch(/^3\.1\./)
    for (const route of Object.values<RouteDeclaration>(ROUTES)) {
      const statuses = Object.keys(document.paths[route.path]?.[route.method]?.responses ?? {})
      const declared = route.problems.map((code) => String(PROBLEMS[code].status))
      expect(statuses).toEqual(expect.arrayContaining([String(route.status ?? 200), ...declared]))
      const response = await call(route.path.replace('{model}', 'late-arrival'), { method: route.method.toUpperCase() })
      expect(`${route.path} ${response.status}`).not.toBe(`${route.path} 404`)
      expect(response.headers.get('x-request-id')).not.toBeNull()
    }
  })

  it('says which methods a path answers, and that nothing is elsewhere', async () => {
    const wrong = await call('/v1/predict', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('POST, GET, HEAD')
    expect(await wrong.json()).toMatchObject({ code: 'method_not_allowed' })
    const nowhere = await call('/v1/nowhere')
    expect(nowhere.status).toBe(404)
    expect(await nowhere.json()).toMatchObject({ code: 'not_found', request_id: expect.any(String) })
  })
})

describe('the statistics', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', bearer('not-the-token-of-the-tests')],
    ['an empty token', bearer('')],
    ['the token of another door', bearer((env as unknown as { WRITE_TOKEN: string }).WRITE_TOKEN)],
  ])('stay closed to %s', async (_, init) => {
    const response = await call('/v1/stats', init)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(await response.json()).toMatchObject({ code: 'unauthorized' })
  })

  it('refuse a window that is none', async () => {
    const response = await call('/v1/stats?window=1y', bearer(READ_TOKEN))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_parameter', detail: expect.stringContaining('1y') })
  })

  it('count a prediction, an error and a latency within seconds', async () => {
    interface Report {
      models: Record<
        string,
        {
          versions: Record<
            string,
            { predictions: number; latency: { count: number }; outputs: Record<string, { counts: number[] }> }
          >
        }
      >
      rejected: Record<string, number>
    }
    const read = async () => {
      const report = await json<Report>(await call('/v1/stats?window=5m', bearer(READ_TOKEN)))
      const version = report.models['late-arrival']?.versions['1.0.0']
      return {
        predictions: version?.predictions ?? 0,
        latencies: version?.latency.count ?? 0,
        outputs: version?.outputs.late_probability?.counts.reduce((sum, count) => sum + count, 0) ?? 0,
        missingTime: report.rejected.missing_time ?? 0,
      }
    }
    const before = await read()
    await call('/v1/predict?zip=94107')
    await call('/v1/predict', { method: 'POST', body: '{}' })
    let after = await read()
    // What earlier tests have left to be flushed may come first.
    const isCounted = (): boolean =>
      after.predictions > before.predictions &&
      after.latencies > before.latencies &&
      after.missingTime > before.missingTime
    for (let attempt = 0; attempt < 100 && !isCounted(); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      after = await read()
    }
    expect(after.predictions).toBeGreaterThan(before.predictions)
    expect(after.latencies).toBeGreaterThan(before.latencies)
    expect(after.missingTime).toBeGreaterThan(before.missingTime)
    // Predictions of other tests, of bots and by means, are in no output.
    expect(after.outputs).toBeGreaterThan(before.outputs)
  })
})
