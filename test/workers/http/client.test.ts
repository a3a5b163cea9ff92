import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createClient, ProblemError } from '../../../src/client/index.ts'
import { filesOf, formOf, newName } from '../release/versions.ts'
import { seedZips } from './seed.ts'

const { ADMIN_TOKEN, READ_TOKEN, WRITE_TOKEN } = env as unknown as Record<
  'ADMIN_TOKEN' | 'READ_TOKEN' | 'WRITE_TOKEN',
  string
>

const clientWith = (token?: string) =>
  createClient({
    url: 'https://nearcast.test',
    deadlineMilliseconds: 30_000,
    fetch: (request) => exports.default.fetch(request),
    ...(token !== undefined && { token }),
  })
const anyone = clientWith()
const operator = clientWith(ADMIN_TOKEN)

beforeAll(seedZips)

describe('the client of a worker', () => {
  it('has predictions, and the errors of a batch in their places', async () => {
    const event = { createdDateTime: 1731880381293, zipCode: '94107' }
    const answer = await anyone.post('/v1/predict', { body: { events: [event, {}] } })
    if (!('predictions' in answer)) throw new Error('no batch')
    expect(answer.predictions).toMatchObject([{ zip: '94107' }, { index: 1, error: { code: 'missing_time' } }])
    expect(await anyone.get('/v1/predict', { query: { zip: '94107' } })).toMatchObject({ zip: '94107' })
  })

  it('opens each door with its token alone', async () => {
    expect(await clientWith(READ_TOKEN).get('/v1/stats')).toMatchObject({ window: '5m' })
    expect(await clientWith(READ_TOKEN).get('/metrics')).toContain('# TYPE nearcast_predictions_total counter')
    const body = [{ id: 'client', output: 'late_probability', value: true }]
    expect(await clientWith(WRITE_TOKEN).post('/v1/outcomes', { body })).toMatchObject({ accepted: 1, rejected: [] })
    await expect(anyone.post('/v1/outcomes', { body })).rejects.toMatchObject({ status: 401, code: 'unauthorized' })
    await expect(operator.get('/v1/stats')).rejects.toBeInstanceOf(ProblemError)
  })

  it('publishes a version and moves a release', async () => {
    const path = { model: newName() }
    for (const version of ['1.0.0', '1.1.0']) {
      const body = formOf(filesOf(path.model, version))
      const { created } = await operator.post('/admin/models/{model}/versions', { path, body })
      expect(created).toBe(true)
    }
    const canary = { command: 'canary', version: '1.1.0', share: 0.05 } as const
    const { release } = await operator.post('/admin/models/{model}/release', { path, body: canary })
    expect(release).toMatchObject({ stable: '1.0.0', canary: { version: '1.1.0', share: 0.05 } })
    const body = { command: 'switch', version: '9.9.9' } as const
    await expect(operator.post('/admin/models/{model}/release', { path, body })).rejects.toMatchObject({
      code: 'unknown_version',
      status: 404,
    })
  })

  it('reads dead letters, and objects of the archive as they come', async () => {
    const { rejected } = await anyone.post('/v1/events', { body: [{ zipCode: '10001' }] })
    const id = rejected[0]?.dead_letter
    if (id === undefined || id === null) throw new Error('no letter was kept')
    const { payload } = await operator.get('/admin/dead-letters/{id}', { path: { id } })
    expect(payload).toContain('10001')
    const key = 'archive/2020-02-02/02/client.ndjson.gz'
    await env.ARCHIVE.put(key, new Uint8Array([1, 2, 3]))
    const stream = await operator.get('/admin/archive/object', { query: { key } })
    expect([...new Uint8Array(await new Response(stream).arrayBuffer())]).toEqual([1, 2, 3])
    const { objects } = await operator.get('/admin/archive', { query: { day: '2020-02-02', limit: 1 } })
    expect(objects.map((object) => object.key)).toEqual([key])
  })
})
