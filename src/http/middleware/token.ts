/** Whether a request carries the token of a door; without a configured token a door stays shut. */
import { Failure } from '../../core/failure.ts'
import type { Security } from '../../protocol/routes.ts'
import type { Exchange } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { addressKey } from './address.ts'
import { rateLimited } from './limit.ts'
import { WrongTokens } from './wrong-tokens.ts'

const encoder = new TextEncoder()

const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))

/** Compares digests, so that neither the place of the first difference nor the length shows in the time it takes. */
const sameSecret = async (given: string, wanted: string): Promise<boolean> => {
  const [a, b] = await Promise.all([digest(given), digest(wanted)])
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0)
  return difference === 0
}

/** Compares with every valid token, whichever fits: two are, while a token is being changed. */
const isOneOf = async (given: string, wanted: readonly string[]): Promise<boolean> =>
  (await Promise.all(wanted.map((token) => sameSecret(given, token)))).includes(true)

const wrongTokens = new WrongTokens()

const unauthorized = (exchange: Exchange, security: Exclude<Security, 'public'>): Response => {
  const name = `${security.toUpperCase()}_TOKEN`
  const isConfigured = exchange.services.tokens[security].length > 0
  const advice = isConfigured
    ? `send "Authorization: Bearer $${name}"`
    : `${name} is not configured, so this stays closed`
  return refuse(exchange, new Failure('unauthorized', advice), { 'www-authenticate': 'Bearer realm="nearcast"' })
}

/**
 * The answer to a request without a valid token for this door; `null` when it has one. `isCounted`: the request counts against the limit of
 * tokens already; else a wrong one does.
 */
export const refuseToken = async (
  exchange: Exchange,
  request: Request,
  security: Exclude<Security, 'public'>,
  isCounted: boolean,
): Promise<Response | null> => {
  const { services } = exchange
  const { tokens, rateGates, clock } = services
  const key = rateGates === null ? null : addressKey(request.headers)
  const gate = rateGates?.token
  if (key !== null && gate !== undefined && wrongTokens.isShut(key, clock.now()))
    return rateLimited(exchange, gate.limit)
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (given !== undefined && (await isOneOf(given, tokens[security]))) return null
  // A missing token is a mistake, no guess.
  if (!isCounted && given !== undefined && key !== null && gate !== undefined && (await gate.isOver(key))) {
    wrongTokens.shut(key, clock, gate.limit.periodSeconds * 1_000)
    return rateLimited(exchange, gate.limit)
  }
  return unauthorized(exchange, security)
}
