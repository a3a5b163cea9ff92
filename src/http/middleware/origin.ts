/** Which pages may call: those of this server, those of the configured origins, and on one's own machine those of one's own machine. */
import { Failure } from '../../core/failure.ts'
import type { RouteDeclaration } from '../../protocol/routes.ts'

/** The page of another origin that a request comes from. */
export interface CrossOrigin {
  readonly origin: string
  readonly isAllowed: boolean
}

const LOOPBACK = /^(?:localhost|[^/]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK.test(new URL(url).hostname)

/**
 * `null` for what no page of another origin sent: a server, curl, a page of this very origin. A browser names the origin of whatever it
 * sends across origins but for a GET whose answer no script can read.
 */
export const crossOriginOf = (request: Request, allowed: readonly string[]): CrossOrigin | null => {
  const origin = request.headers.get('origin')
  if (origin === null || request.url.startsWith(`${origin}/`)) return null
  const isAllowed = allowed.includes(origin) || allowed.includes('*') || (isLoopback(origin) && isLoopback(request.url))
  return { origin, isAllowed }
}

type Door = Pick<RouteDeclaration, 'security' | 'isForEveryPage'>

/** Refuses pages of other origins: all of them where a token is wanted, else those that are not allowed, unless it is for every page. */
export const originRefusal = (from: CrossOrigin | null, { security, isForEveryPage }: Door): Failure | null => {
  if (from === null || isForEveryPage === true || (from.isAllowed && security === 'public')) return null
  const reason = security === 'public' ? 'it is not among ALLOWED_ORIGINS' : 'no page of another origin may'
  return new Failure('origin_not_allowed', `pages of ${from.origin.slice(0, 200)} may not call this: ${reason}`)
}

/** The same request, its page as one that may not even read the refusal. */
export const withoutAccess = <T extends { readonly crossOrigin: CrossOrigin | null }>(exchange: T): T => ({
  ...exchange,
  crossOrigin: exchange.crossOrigin === null ? null : { ...exchange.crossOrigin, isAllowed: false },
})

/** What a script of an allowed page may read beside the body; for others only what keeps caches apart. */
export const crossOriginHeaders = ({ origin, isAllowed }: CrossOrigin): Readonly<Record<string, string>> =>
  isAllowed
    ? {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, traceparent, server-timing, retry-after',
        'timing-allow-origin': origin,
        vary: 'Origin',
      }
    : { vary: 'Origin' }
