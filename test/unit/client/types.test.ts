import { describe, expectTypeOf, it } from 'vitest'
import type { Answer, Call, Client, GetRoutes, PostRoutes } from '../../../src/client/index.ts'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'

// Checked by the compiler (npm run types); nothing here is called.
const client = undefined as unknown as Client
const never = (): boolean => Number.isNaN(0)

describe('the types of a client', () => {
  it('are those of the routes', () => {
    expectTypeOf<Answer<PostRoutes['/v1/predict']>>().toEqualTypeOf<Prediction | Batch>()
    expectTypeOf<Answer<GetRoutes['/metrics']>>().toEqualTypeOf<string>()
    expectTypeOf<Answer<GetRoutes['/admin/archive/object']>>().toEqualTypeOf<ReadableStream<Uint8Array>>()
    expectTypeOf<Call<GetRoutes['/v1/stats']>['query']>().toEqualTypeOf<
      { readonly window?: '5m' | '1h' | '24h' | '7d' | undefined } | undefined
    >()
  })

  it('want what a route wants, and nothing else', () => {
    if (!never()) return
    void client.get('/livez')
    void client.get('/admin/archive', { query: { day: '2026-11-25', limit: 5 } })
    // @ts-expect-error no such path
    void client.get('/v1/nothing')
    // @ts-expect-error that path takes a POST
    void client.get('/v1/events')
    // @ts-expect-error the path has a parameter
    void client.get('/v1/models/{model}')
    // @ts-expect-error a query that must be there
    void client.get('/admin/archive')
    // @ts-expect-error no such window
    void client.get('/v1/stats', { query: { window: '1y' } })
    // @ts-expect-error a body that must be there
    void client.post('/v1/predict', {})
    const path = { model: 'm' }
    void client.post('/admin/models/{model}/release', { path, body: { command: 'promote' } })
    // @ts-expect-error a canary has a share
    void client.post('/admin/models/{model}/release', { path, body: { command: 'canary', version: '1.0.0' } })
  })
})
