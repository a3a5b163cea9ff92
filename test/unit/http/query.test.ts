import { expect, it, vi } from 'vitest'
import { ConfigError } from '../../../src/config.ts'
import { createApp } from '../../../src/http/app.ts'
import type { Problem } from '../../../src/protocol/problem.ts'
import { json } from '../../support/answer.ts'
import { nodeApp } from '../../support/node-app.ts'

const EVENT = '{"createdDateTime":1731880381293}'

it.each([
  [
    '?feature=false',
    'feature',
    'there is no query parameter "feature" here; there are model, features, explain, batch',
  ],
  ['?batch=true&batch=false', 'batch', 'batch stands in the query more than once'],
  ['?__proto__=1', '__proto__', 'there is no query parameter "__proto__" here'],
  ['?batch=yes', 'batch', 'batch is "yes"'],
])('refuses the query %s, naming the parameter', async (query, _name, message) => {
  const { app } = nodeApp('trees')
  const answer = await app.request(`/v1/predict${query}`, { method: 'POST', body: EVENT })
  expect(answer.status).toBe(400)
  const { code, detail } = await json<Problem>(answer)
  expect({ code, detail }).toEqual({ code: 'invalid_parameter', detail: expect.stringContaining(message) })
})

it('ignores the query of a route that declares no parameter: whoever links to it may mark the link', async () => {
  const { app } = nodeApp('trees')
  expect((await app.request('/?utm_source=x')).status).toBe(200)
  expect((await app.request('/livez?x=1&x=2')).status).toBe(200)
})

it('gives a request id also where a variable cannot be used', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const app = createApp(() => {
    throw new ConfigError('MAX_EVENTS must be a whole number')
  })
  const answer = await app.request('/v1/models')
  const { request_id } = await json<Problem>(answer)
  expect(answer.status).toBe(503)
  expect(request_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.headers.get('x-request-id')).toBe(request_id)
  const named = await app.request('/v1/models', { headers: { 'x-request-id': 'mine' } })
  expect(named.headers.get('x-request-id')).toBe('mine')
  log.mockRestore()
})
