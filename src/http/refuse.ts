/** The answer to a request that came to nothing. */
import type { Failure } from '../core/failure.ts'
import type { Exchange } from './exchange.ts'
import { logFailure } from './log-request.ts'
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
  // What failed unforeseen is in the log already, with its cause.
  if (failure.code !== 'internal')
    logFailure(exchange, failure.code, `request ${exchange.requestId} was refused: ${failure.code}`)
  return replyProblem(exchange, failure, [], headers)
}
