/** The answer to a request that came to nothing. */
import type { Failure } from '../core/failure.ts'
import type { Exchange } from './exchange.ts'
import { replyProblem } from './reply.ts'

/** Answers with the failure, and counts it. */
export const refuse = (
  exchange: Exchange,
  failure: Failure,
  headers: Readonly<Record<string, string>> = {},
): Response => {
  const { observer } = exchange.services
  observer.failure({ code: failure.code })
  observer.afterAnswer(exchange.background)
  return replyProblem(exchange, failure, [], headers)
}
