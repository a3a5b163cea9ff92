/** The doors of a route, before its body is read: origin, rate, token. Which ones there are is part of the route's declaration. */
import type { MiddlewareHandler } from 'hono'
import type { RouteDeclaration, Security } from '../../protocol/routes.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { refuse } from '../refuse.ts'
import { addressKey } from './address.ts'
import { rateLimited } from './limit.ts'
import { originRefusal, withoutAccess } from './origin.ts'
import { refuseToken } from './token.ts'

/** What is asked of a caller now: a door of tokens is public where the deployment says so. */
const securityOf = ({ services }: Exchange, { security }: RouteDeclaration): Security =>
  security === 'read' && services.tokens.publicStatistics ? 'public' : security

/** The answer to a request that may not come in; `null` when it may. */
const refuseEntry = async (exchange: Exchange, request: Request, route: RouteDeclaration): Promise<Response | null> => {
  const { services, crossOrigin } = exchange
  const foreign = originRefusal(crossOrigin, route)
  if (foreign !== null) return refuse(withoutAccess(exchange), foreign)
  const security = securityOf(exchange, route)
  const key = services.rateGates === null || route.isUnlimited === true ? null : addressKey(request.headers)
  // Reports of outcomes come as fast as events do.
  const limit = security === 'public' || security === 'write' ? 'public' : 'token'
  if (key !== null && services.rateGates !== null) {
    const gate = services.rateGates[limit]
    if (await gate.isOver(key)) return rateLimited(exchange, gate.limit)
  }
  return security === 'public' ? null : refuseToken(exchange, request, security, limit === 'token')
}

export const guard =
  (route: RouteDeclaration): MiddlewareHandler<AppEnv> =>
  async (context, next) => {
    const exchange = context.get('exchange')
    context.set('operation', route.operationId)
    // The common case waits for nothing.
    const isOpen = route.security === 'public' && exchange.crossOrigin === null
    if (isOpen && (exchange.services.rateGates === null || addressKey(context.req.raw.headers) === null)) return next()
    return (await refuseEntry(exchange, context.req.raw, route)) ?? next()
  }
