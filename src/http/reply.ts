/** Answers: JSON or an error, with the headers every answer carries. */
import { type Failure, quote } from '../core/failure.ts'
import type { JsonValue } from '../core/json.ts'
import { type InferenceError, inferenceError, isInferencePath } from '../protocol/inference.ts'
import { jsonText } from '../protocol/json-text.ts'
import { type ItemError, PROBLEMS, type Problem, problem, retryAfter } from '../protocol/problem.ts'
import { serverTiming } from '../protocol/server-timing.ts'
import type { Exchange } from './exchange.ts'
import { crossOriginHeaders } from './middleware/origin.ts'

export const headersOf = (exchange: Exchange, contentType: string): Record<string, string> => {
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    'x-request-id': exchange.requestId,
  }
  // What answers a POST is not cached anyway, and each header costs a microsecond or two.
  if (exchange.method !== 'POST') headers['cache-control'] = 'no-store'
  if (exchange.trace !== null) headers.traceparent = exchange.trace.traceparent
  if (exchange.crossOrigin !== null) Object.assign(headers, crossOriginHeaders(exchange.crossOrigin))
  if (exchange.stages.list.length > 0) headers['server-timing'] = serverTiming(exchange.stages.list)
  return headers
}

export const replyJson = (exchange: Exchange, body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...headersOf(exchange, 'application/json'), ...(status === 503 ? retryAfter() : {}) },
  })

/** Bytes as they come. */
export const replyStream = (exchange: Exchange, body: ReadableStream, contentType: string): Response =>
  new Response(body, { headers: headersOf(exchange, contentType) })

export const replyText = (exchange: Exchange, body: string, contentType: string): Response =>
  new Response(body, { headers: headersOf(exchange, contentType) })

/** As `replyJson`, for a body that may hold bigints: they are written as the integers they are. */
export const replyLongIntegers = (exchange: Exchange, body: JsonValue): Response =>
  new Response(jsonText(body), { headers: headersOf(exchange, 'application/json') })

/** The document of a failure, in the form that clients of that path expect. */
export const errorOn = (
  path: string,
  failure: Failure,
  requestId: string,
  errors: readonly ItemError[] = [],
): { readonly contentType: string; readonly body: Problem | InferenceError } =>
  isInferencePath(path)
    ? { contentType: 'application/json', body: inferenceError(failure) }
    : { contentType: 'application/problem+json', body: problem(failure, requestId, errors) }

export const replyProblem = (
  exchange: Exchange,
  failure: Failure,
  errors: readonly ItemError[] = [],
  extra: Readonly<Record<string, string>> = {},
  members: Readonly<Partial<Problem>> = {},
): Response => {
  const { contentType, body } = errorOn(exchange.path, failure, exchange.requestId, errors)
  return new Response(JSON.stringify({ ...body, ...members }), {
    status: PROBLEMS[failure.code].status,
    headers: { ...headersOf(exchange, contentType), ...retryAfter(failure.code), ...extra },
  })
}

/** How a failure of no known kind reads in the log: never in the answer. */
export const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : quote(error)
