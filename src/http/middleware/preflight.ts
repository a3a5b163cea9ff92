/** What a browser asks before it sends a page's request across origins. */
import type { MiddlewareHandler } from 'hono'
import { Failure } from '../../core/failure.ts'
import { methodsOf, routesAt } from '../../protocol/route-paths.ts'
import type { AppEnv } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { crossOriginHeaders, originRefusal, withoutAccess } from './origin.ts'

/** How long a browser may remember the answer; Chromium does for two hours at most. */
const MAX_AGE_SECONDS = 7_200
/** No authorization: what wants a token is nothing for pages of another origin. */
const ALLOWED_HEADERS = 'content-type, traceparent, x-request-id'

export const preflight: MiddlewareHandler<AppEnv> = async (context, next) => {
  const exchange = context.get('exchange')
  const { crossOrigin, path } = exchange
  const method = context.req.header('access-control-request-method')
  const routes = routesAt(path)
  if (context.req.method !== 'OPTIONS' || crossOrigin === null || method === undefined || routes.length === 0)
    return next()
  const route = routes.find((one) => one.method.toUpperCase() === (method === 'HEAD' ? 'GET' : method))
  const foreign = originRefusal(crossOrigin, route ?? { security: 'public' })
  if (foreign !== null) return refuse(withoutAccess(exchange), foreign)
  const allowed = methodsOf(routes)
  if (route === undefined) {
    const message = `${path} answers ${allowed.join(', ')}, not ${method.slice(0, 20)}`
    return refuse(exchange, new Failure('method_not_allowed', message), { allow: allowed.join(', ') })
  }
  return new Response(null, {
    status: 204,
    headers: {
      ...crossOriginHeaders(route.isForEveryPage === true ? { ...crossOrigin, isAllowed: true } : crossOrigin),
      'access-control-allow-methods': allowed.join(', '),
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': String(MAX_AGE_SECONDS),
      'x-request-id': exchange.requestId,
    },
  })
}
