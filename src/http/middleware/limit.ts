/** The answer to one who has made too many requests. */
import { Failure } from '../../core/failure.ts'
import { describeRateLimit, type RateLimit } from '../../protocol/rate-limits.ts'
import type { Exchange } from '../exchange.ts'
import { refuse } from '../refuse.ts'

export const rateLimited = (exchange: Exchange, limit: RateLimit): Response => {
  const message = `more than ${describeRateLimit(limit)} from your address; wait ${limit.periodSeconds} s`
  return refuse(exchange, new Failure('rate_limited', message), { 'retry-after': String(limit.periodSeconds) })
}
