/** The doors: who may pass is part of a route's declaration; without a configured token a door stays shut. */
import type { MiddlewareHandler } from 'hono'
import { Failure } from '../../core/failure.ts'
import type { Security } from '../../protocol/routes.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { replyProblem } from '../reply.ts'

const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))

/** Compares digests, so that neither the place of the first difference nor the length shows in the time it takes. */
const sameSecret = async (given: string, wanted: string): Promise<boolean> => {
  const [a, b] = await Promise.all([digest(given), digest(wanted)])
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0)
  return difference === 0
}

/** The answer to a request that may not pass this door; `null` when it may. */
export const refuseEntry = async (
  exchange: Exchange,
  request: Request,
  security: Security,
): Promise<Response | null> => {
  const { tokens } = exchange.services
  if (security === 'public' || (security === 'read' && tokens.publicStatistics)) return null
  const wanted = tokens[security]
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (wanted !== undefined && given !== undefined && (await sameSecret(given, wanted))) return null
  exchange.services.observer.failure({ code: 'unauthorized' })
  exchange.services.observer.afterAnswer(exchange.background)
  const name = `${security.toUpperCase()}_TOKEN`
  const failure = new Failure(
    'unauthorized',
    wanted === undefined ? `${name} is not configured, so this stays closed` : `send "Authorization: Bearer $${name}"`,
  )
  return replyProblem(exchange, failure, [], { 'www-authenticate': 'Bearer realm="nearcast"' })
}

export const guard =
  (security: Security): MiddlewareHandler<AppEnv> =>
  async (context, next) => {
    if (security === 'public') return next()
    const refusal = await refuseEntry(context.get('exchange'), context.req.raw, security)
    return refusal ?? next()
  }
