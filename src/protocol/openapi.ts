/** The OpenAPI 3.1 document, made from the declared routes. */
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { inferenceErrorSchema, isInferencePath } from './inference.ts'
import { outcomeSchema } from './outcomes.ts'
import { PROBLEMS, problemSchema } from './problem.ts'
import { ROUTES, type RouteDeclaration, type Security } from './routes.ts'

const EVENT_EXAMPLE = { createdDateTime: 1731880381293, zipCode: '94107', session_id: 's-1' }

const OUTCOME_EXAMPLE = { id: '0b541211-6f65-4b6e-bb0c-ded5ad3e78c7', output: 'late_probability', value: true }

type RequestBody = NonNullable<ZodOpenApiOperationObject['requestBody']>

const SECURITY: Record<Exclude<Security, 'public'>, string> = {
  read: 'Needs READ_TOKEN, unless PUBLIC_STATS is true (local development only)',
  write: 'Needs WRITE_TOKEN',
  admin: 'Needs ADMIN_TOKEN',
}

const problemResponses = (route: RouteDeclaration): ZodOpenApiOperationObject['responses'] => {
  const codes = [
    ...route.problems,
    ...(route.security === 'public' ? [] : (['unauthorized'] as const)),
    'misconfigured' as const,
    'internal' as const,
  ]
  const byStatus = new Map<number, string[]>()
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code])
  const errorContent = isInferencePath(route.path)
    ? { 'application/json': { schema: inferenceErrorSchema } }
    : { 'application/problem+json': { schema: problemSchema } }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [String(status), { description: of.join(', '), content: errorContent }]),
  )
}

/** A body that is read as JSON or as lines, whatever its content type says. */
const linesBody = (description: string, schema: z.ZodType, example: object): RequestBody => ({
  required: true,
  description,
  content: {
    'application/json': { schema, example },
    'application/x-ndjson': { schema: { type: 'string' }, example: JSON.stringify(example) },
    'text/plain': { schema: { type: 'string' }, example: JSON.stringify(example) },
  },
})

const requestBody = (body: NonNullable<RouteDeclaration['body']>): RequestBody => {
  if (body === 'events') {
    const form = 'An event, an array of events, {"events":[…]} or one event a line, whatever the content type says.'
    return linesBody(form, z.unknown(), EVENT_EXAMPLE)
  }
  if (body === 'outcomes') {
    const form = 'An outcome, an array of outcomes or one outcome a line, whatever the content type says.'
    return linesBody(form, z.union([outcomeSchema, z.array(outcomeSchema)]), OUTCOME_EXAMPLE)
  }
  return { required: true, content: { [body.contentType]: { schema: body.schema } } }
}

const operation = (route: RouteDeclaration): ZodOpenApiOperationObject => {
  const answer = { description: route.summary, content: { 'application/json': { schema: route.answer } } }
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.security === 'public'
      ? { security: [] }
      : { security: [{ [route.security]: [] }], description: SECURITY[route.security] }),
    ...(route.query === undefined && route.path_parameters === undefined
      ? {}
      : {
          requestParams: {
            ...(route.query === undefined ? {} : { query: route.query }),
            ...(route.path_parameters === undefined ? {} : { path: route.path_parameters }),
          },
        }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route.body) }),
    responses: {
      '200': answer,
      ...Object.fromEntries((route.also ?? []).map((status) => [String(status), answer])),
      ...problemResponses(route),
    },
  }
}

/** The document for the server at `origin`, for example `http://127.0.0.1:8787`. */
export const openApiDocument = (origin: string, version: string): ReturnType<typeof createDocument> => {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of Object.values<RouteDeclaration>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Nearcast',
      version,
      summary: 'Scores clickstream events at the CDN edge',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: Object.fromEntries(
        Object.keys(SECURITY).map((name) => [name, { type: 'http', scheme: 'bearer' }]),
      ),
    },
  })
}
