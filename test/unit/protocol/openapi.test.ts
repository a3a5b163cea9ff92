import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../../src/protocol/openapi.ts'
import { ROUTES, type RouteDeclaration } from '../../../src/protocol/routes.ts'

interface Answer {
  readonly headers: Readonly<Record<string, { readonly required?: boolean }>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Answer>>
  readonly parameters?: readonly { readonly in: string; readonly schema: { readonly pattern?: string } }[]
}

const LIMITS = { maxBodyBytes: 4_194_304, maxEvents: 12, maxKeys: 1_000 }
const document = openApiDocument('http://127.0.0.1', '1.0.0', LIMITS)
const operationAt = (method: string, path: string): Operation =>
  (document.paths as unknown as Record<string, Record<string, Operation>>)[path]?.[method] as Operation
const operations = Object.values<RouteDeclaration>(ROUTES).map(
  ({ method, path }) => [method, path, operationAt(method, path)] as const,
)

describe('the OpenAPI document', () => {
  it.each(['/readyz', '/v2/health/ready'])('says that 503 of %s is an answer, or a problem', (path) => {
    const types = Object.keys(operationAt('get', path).responses['503']?.content ?? {})
    expect(types).toContain('application/json')
    expect(JSON.stringify(operationAt('get', path).responses['503'])).toMatch(/Ready/)
    expect(JSON.stringify(operationAt('get', path).responses['503'])).toMatch(/Problem|InferenceError/)
  })

  it.each(operations)('%s %s: every answer has a request id, and 401 a challenge', (_method, _path, { responses }) => {
    for (const { headers } of Object.values(responses))
      expect(headers['x-request-id']).toMatchObject({ required: true })
    const refusal = responses['401']
    if (refusal !== undefined) expect(refusal.headers['www-authenticate']).toMatchObject({ required: true })
  })

  it('holds path parameters to what they can be', () => {
    const parameters = operationAt('get', '/v2/models/{model}/versions/{version}').parameters ?? []
    expect(parameters.filter((parameter) => parameter.in === 'path').map(({ schema }) => schema.pattern)).toEqual([
      expect.stringContaining('a-z0-9'),
      expect.stringContaining('\\d'),
    ])
  })

  it('names the limit of events that this deployment has', () => {
    expect(JSON.stringify(document.components?.schemas?.Events)).toContain('"maxItems":12')
  })
})
