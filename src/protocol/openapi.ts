/** The OpenAPI 3.1 document, made from the declared routes. */
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import type { FailureCode } from '../core/failure.ts'
import type { BodyLimits } from './body.ts'
import { eventSchemas } from './event-schema.ts'
import { addExamples } from './examples/add-examples.ts'
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

/** What one status may mean: the answers, by their media types. */
interface Meaning {
  readonly descriptions: string[]
  readonly schemas: Map<string, z.ZodType[]>
}

const HEADERS = {
  'x-request-id': {
    required: true,
    description: 'The one that was sent, when it is 1 to 128 printable characters, else a new one',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
  traceparent: { description: 'The one that was sent, when it is well-formed', schema: { type: 'string' } },
  'server-timing': { description: 'The stages of the answer', schema: { type: 'string' } },
} as const

const CHALLENGE = { 'www-authenticate': { required: true, schema: { type: 'string', pattern: '^Bearer ' } } } as const

const RETRY = {
  'retry-after': { description: 'Seconds, where it is known', schema: { type: 'string', pattern: '^[0-9]+$' } },
} as const

const headersOf = (status: number) => ({
  ...HEADERS,
  ...(status === 401 && CHALLENGE),
  ...((status === 429 || status === 503) && RETRY),
})

/** Every problem that a route can answer. */
export const failureCodesOf = (route: RouteDeclaration): readonly FailureCode[] => [
  ...route.problems,
  ...(route.security === 'public' ? [] : (['unauthorized'] as const)),
  ...(route.isForEveryPage === true ? [] : (['origin_not_allowed'] as const)),
  ...(route.isUnlimited === true ? [] : (['rate_limited'] as const)),
  'misconfigured',
  'internal',
]

/** Answers and problems by status; one status can carry both. */
const responsesOf = (route: RouteDeclaration): ZodOpenApiOperationObject['responses'] => {
  const meanings = new Map<number, Meaning>()
  const add = (status: number, description: string, mediaType: string, schema: z.ZodType): void => {
    const meaning = meanings.get(status) ?? { descriptions: [], schemas: new Map<string, z.ZodType[]>() }
    meanings.set(status, meaning)
    meaning.descriptions.push(description)
    const schemas = meaning.schemas.get(mediaType) ?? []
    if (!schemas.includes(schema)) meaning.schemas.set(mediaType, [...schemas, schema])
  }
  for (const status of [route.status ?? 200, ...(route.also ?? [])])
    add(status, route.summary, route.answerType ?? 'application/json', route.answer)
  if (route.isPageToo === true) add(200, 'the same as a page', 'text/html', z.string())
  const [errorType, errorSchema] = isInferencePath(route.path)
    ? (['application/json', inferenceErrorSchema] as const)
    : (['application/problem+json', problemSchema] as const)
  for (const code of new Set(failureCodesOf(route))) add(PROBLEMS[code].status, code, errorType, errorSchema)
  const unchanged = { description: 'as it was told before, by If-None-Match', headers: HEADERS }
  const answered = Object.fromEntries(
    [...meanings].map(([status, { descriptions, schemas }]) => {
      const content = [...schemas].map(([type, of]) => [type, { schema: of.length === 1 ? of[0] : z.union(of) }])
      const described = { description: descriptions.join(', '), headers: headersOf(status) }
      return [String(status), { ...described, content: Object.fromEntries(content) }]
    }),
  )
  return route.isTagged === true ? { ...answered, '304': unchanged } : answered
}

/** A body that is read as JSON or as lines, whatever its content type says. */
const linesBody = (description: string, schema: z.ZodType | { $ref: string }, example: object): RequestBody => {
  const lines = { type: 'string', format: 'ndjson', contentMediaType: 'application/x-ndjson' } as const
  const text = { schema: lines, example: JSON.stringify(example) }
  return {
    required: true,
    description,
    content: { 'application/json': { schema, example }, 'application/x-ndjson': text, 'text/plain': text },
  }
}

const requestBody = (body: NonNullable<RouteDeclaration['body']>): RequestBody => {
  if (body === 'events') {
    const form =
      'An event, an array of events, {"events":[…]} or one event a line, whatever the content type says. The sent_at of an event, or ' +
      "beside events, is what the sender's clock showed: a wrong clock is corrected by it. A W3C traceparent beside events stands for the header; timings there tell how long the browser waited for its own requests, as " +
      '[{"route":"/v1/predict","milliseconds":84.2}].'
    return linesBody(form, { $ref: '#/components/schemas/Events' }, EVENT_EXAMPLE)
  }
  if (body === 'outcomes') {
    const form = 'An outcome, an array of outcomes or one outcome a line, whatever the content type says.'
    return linesBody(form, z.union([outcomeSchema, z.array(outcomeSchema)]), OUTCOME_EXAMPLE)
  }
  return { required: true, content: { [body.contentType]: { schema: body.schema } } }
}

const operation = (route: RouteDeclaration): ZodOpenApiOperationObject => {
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
    responses: responsesOf(route),
  }
}

const RULES = [
  'A query parameter that a route does not declare, or that stands there twice, is refused with 400 on routes that declare any; the others ignore',
  'the query. GET routes answer HEAD. Another method is answered with 405 and an Allow header, a path that is none with 404.',
].join(' ')

/** The document for the server at `origin`, for example `http://127.0.0.1:8787`. */
export const openApiDocument = (
  origin: string,
  version: string,
  limits: BodyLimits,
): ReturnType<typeof createDocument> => {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of Object.values<RouteDeclaration>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  }
  const document = createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Nearcast',
      version,
      summary: 'Scores clickstream events at the CDN edge',
      description: RULES,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: eventSchemas(limits),
      securitySchemes: Object.fromEntries(
        Object.keys(SECURITY).map((name) => [name, { type: 'http', scheme: 'bearer' }]),
      ),
    },
  })
  return addExamples(document, (route) => [...new Set(failureCodesOf(route))])
}
