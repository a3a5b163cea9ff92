/** Answers: JSON or a problem, with the headers every answer carries. */
import { type Failure, quote } from '../core/failure.ts'
import { type ItemError, PROBLEMS, problem } from '../protocol/problem.ts'
import { serverTiming } from '../protocol/server-timing.ts'
import type { Exchange } from './exchange.ts'

const headersOf = (exchange: Exchange, contentType: string): Record<string, string> => {
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    'x-request-id': exchange.requestId,
  }
  // What answers a POST is not cached anyway, and each header costs a microsecond or two.
  if (exchange.method !== 'POST') headers['cache-control'] = 'no-store'
  if (exchange.traceparent !== null) headers.traceparent = exchange.traceparent
  if (exchange.stages.list.length > 0) headers['server-timing'] = serverTiming(exchange.stages.list)
  return headers
}

export const replyJson = (exchange: Exchange, body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: headersOf(exchange, 'application/json') })

export const replyProblem = (
  exchange: Exchange,
  failure: Failure,
  errors: readonly ItemError[] = [],
  extra: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(problem(failure, exchange.requestId, errors)), {
    status: PROBLEMS[failure.code].status,
    headers: { ...headersOf(exchange, 'application/problem+json'), ...extra },
  })

/** How a failure of no known kind reads in the log: never in the answer. */
export const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : quote(error)
