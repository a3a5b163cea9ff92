/** The first and last thing that happens to a request: its identity, its stages, its place in the statistics. */
import type { Context, MiddlewareHandler } from 'hono'
import { Failure } from '../../core/failure.ts'
import { lineOf } from '../../protocol/log-line.ts'
import { PROBLEMS } from '../../protocol/problem.ts'
import { isRequestId, isTraceparent } from '../../protocol/trace.ts'
import type { Background } from '../../serving/ports.ts'
import { Stages } from '../../serving/stages.ts'
import { type AppEnv, traceOf } from '../exchange.ts'
import { describe, errorOn } from '../reply.ts'
import type { Services } from '../services.ts'
import { crossOriginOf } from './origin.ts'

const executionContext = (context: Context<AppEnv>): { waitUntil(promise: Promise<unknown>): void } | undefined => {
  try {
    return context.executionCtx
  } catch {
    // Plain Node has none: the work simply goes on.
    return undefined
  }
}

/** Without services there is nothing to count with. The variables are named in the log, not to the caller. */
const misconfigured = (path: string, requestId: string): Response => {
  const failure = new Failure('misconfigured', 'a variable of this deployment cannot be used; the log names it')
  const { contentType, body } = errorOn(path, failure, requestId)
  return Response.json(body, {
    status: PROBLEMS[failure.code].status,
    headers: {
      'content-type': contentType,
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
      'cache-control': 'no-store',
    },
  })
}

export const receive =
  (servicesFor: (env: object) => Services): MiddlewareHandler<AppEnv> =>
  async (context, next) => {
    const given = context.req.header('x-request-id')
    const sentId = given !== undefined && isRequestId(given) ? given : null
    let services: Services
    try {
      services = servicesFor(context.env)
    } catch (error) {
      console.error(lineOf({ message: describe(error), 'error.code': 'misconfigured', 'event.outcome': 'failure' }))
      return misconfigured(context.req.path, sentId ?? crypto.randomUUID())
    }
    const execution = executionContext(context)
    const background: Background = (work, what) => {
      const watched = work.catch((error: unknown) => services.log(`${what} failed: ${describe(error)}`))
      execution?.waitUntil(watched)
    }
    const trace = context.req.header('traceparent')
    context.set('exchange', {
      services,
      method: context.req.method,
      path: context.req.path,
      requestId: sentId ?? services.randomId(),
      trace: trace !== undefined && isTraceparent(trace) ? traceOf(trace) : null,
      crossOrigin: crossOriginOf(context.req.raw, services.allowedOrigins),
      background,
      stages: new Stages(services.clock),
    })
    await next()
    services.observer.request(context.get('operation') ?? 'none', context.res.status)
    return undefined
  }
