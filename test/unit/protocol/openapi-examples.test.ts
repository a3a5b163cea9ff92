import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FAILURE_CODES, type FailureCode } from '../../../src/core/failure.ts'
import { readBody } from '../../../src/protocol/body.ts'
import { EXAMPLE_ANSWERS } from '../../../src/protocol/examples/add-examples.ts'
import { EXAMPLE_REQUESTS, type ExampleRequest } from '../../../src/protocol/examples/requests.ts'
import { inferenceErrorSchema, isInferencePath } from '../../../src/protocol/inference.ts'
import { failureCodesOf, openApiDocument } from '../../../src/protocol/openapi.ts'
import { outcomeSchema } from '../../../src/protocol/outcomes.ts'
import { PROBLEMS, problemSchema } from '../../../src/protocol/problem.ts'
import { ROUTES, type RouteDeclaration } from '../../../src/protocol/routes.ts'

type Examples = Readonly<Record<string, { readonly value?: unknown; readonly $ref?: string }>>
interface Content {
  readonly examples?: Examples
  readonly example?: unknown
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean; readonly example?: unknown }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>
}

const LIMITS = { maxBodyBytes: 4_194_304, maxEvents: 1_000, maxKeys: 1_000 }
const document = openApiDocument('http://127.0.0.1', '1.0.0', LIMITS)
const components = document.components?.examples as unknown as Examples
const routes = (Object.entries(ROUTES) as [keyof typeof ROUTES, RouteDeclaration][]).map(([key, route]) => {
  const operation = (document.paths as unknown as Record<string, Record<string, Operation>>)[route.path]?.[route.method]
  return [key, route, operation as Operation] as const
})

const shown = ({ value, $ref }: Examples[string]): unknown =>
  $ref === undefined ? value : components[$ref.replace('#/components/examples/', '')]?.value

/** What the schema says nothing of is left out by parsing: then it differs. */
const expectOf = (schema: z.ZodType, value: unknown, what: string): void => {
  const parsed = schema.safeParse(value)
  expect(parsed.error?.issues ?? [], what).toEqual([])
  expect(parsed.data, what).toEqual(value)
}

/** Parses the body as the route does. */
const expectBody = ({ body }: RouteDeclaration, { body: given, contentType }: ExampleRequest): void => {
  if (body !== 'events' && body !== 'outcomes') {
    expectOf(body?.schema as z.ZodType, given, 'the body')
    return
  }
  const bytes = new TextEncoder().encode(typeof given === 'string' ? given : JSON.stringify(given))
  const read = readBody(bytes, { contentType: contentType ?? null, batch: body === 'outcomes', limits: LIMITS })
  const items = read.kind === 'batch' ? read.items : [read]
  expect(items.length).toBeGreaterThan(0)
  for (const item of items) {
    if (!('value' in item)) throw item.failure
    if (body === 'outcomes') expectOf(outcomeSchema, item.value, 'an outcome')
  }
}

describe.each(routes)('%s', (key, route, operation) => {
  const requests = EXAMPLE_REQUESTS[key]
  const codes = [...new Set(failureCodesOf(route))]
  const [errorType, errorSchema] = isInferencePath(route.path)
    ? (['application/json', inferenceErrorSchema] as const)
    : (['application/problem+json', problemSchema] as const)

  it('has examples of its request that are as it takes them', () => {
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.some(({ body }) => body !== undefined)).toBe(route.body !== undefined)
    for (const request of requests) {
      if (route.path_parameters !== undefined) expectOf(route.path_parameters, request.path, 'the path')
      if (request.query !== undefined) expect(route.query?.safeParse(request.query).error).toBeUndefined()
      if (request.body !== undefined) expectBody(route, request)
    }
    for (const { name, required, example } of operation.parameters ?? [])
      if (required === true) expect(example, name).toBeDefined()
    for (const [type, { examples, example }] of Object.entries(operation.requestBody?.content ?? {}))
      expect(examples ?? example, type).toBeDefined()
  })

  it('has an example of each of its answers, and each is one', () => {
    const [answerType, own] = [route.answerType ?? 'application/json', new Set<unknown>()]
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      // What the caller has already comes without a body.
      if (status === '304') continue
      expect(Object.keys(content).length, status).toBeGreaterThan(0)
      for (const [type, { examples = {} }] of Object.entries(content)) {
        expect(Object.keys(examples).length, `${status} ${type}`).toBeGreaterThan(0)
        for (const [name, example] of Object.entries(examples)) {
          const isProblem = codes.includes(name as FailureCode)
          if (!isProblem) own.add(`${key}.${name}`)
          const answer = type === 'text/html' ? z.string() : route.answer
          expectOf(isProblem ? errorSchema : answer, shown(example), `${status} ${type} ${name}`)
        }
      }
    }
    expect(Object.keys(operation.responses[String(route.status ?? 200)]?.content ?? {})).toContain(answerType)
    for (const { name } of requests) expect(own).toContain(`${key}.${name}`)
  })

  it('has an example of each of its problems, under the status of that', () => {
    expect(codes.length).toBeGreaterThan(0)
    for (const code of codes) {
      const { status, title } = PROBLEMS[code]
      const example = operation.responses[String(status)]?.content?.[errorType]?.examples?.[code]
      expect(example, code).toBeDefined()
      if (errorType !== 'application/json')
        expect(shown(example as Examples[string])).toMatchObject({ code, status, title })
    }
  })
})

describe('the examples of the document', () => {
  it('hold every problem of the closed list, each at a route where it occurs', () => {
    expect(FAILURE_CODES.filter((code) => components[code] === undefined)).toEqual([])
    const atRoutes = new Set<string>(routes.flatMap(([, route]) => failureCodesOf(route)))
    const inAnswers = JSON.stringify(EXAMPLE_ANSWERS)
    const nowhere = FAILURE_CODES.filter((code) => !atRoutes.has(code) && !inAnswers.includes(`"code":"${code}"`))
    // What is at no route.
    expect(nowhere).toEqual(['not_found', 'method_not_allowed'])
  })

  it('are all of requests that there are', () => {
    const asked = Object.entries(EXAMPLE_REQUESTS).flatMap(([key, list]) => list.map(({ name }) => `${key}.${name}`))
    expect(Object.keys(EXAMPLE_ANSWERS).sort()).toEqual(asked.sort())
  })

  it('name a summary each', () => {
    for (const { summary } of Object.values(EXAMPLE_REQUESTS).flat()) expect(summary).not.toBe('')
  })
})
