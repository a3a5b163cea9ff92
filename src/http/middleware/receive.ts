/** The first and last thing that happens to a request: its identity, its stages, its place in the statistics. */
import type { Context, MiddlewareHandler } from 'hono'
import { Failure } from '../../core/failure.ts'
import { PROBLEMS } from '../../protocol/problem.ts'
import { isRequestId, isTraceparent } from '../../protocol/trace.ts'
import type { Background } from '../../serving/ports.ts'
import { Stages } from '../../serving/stages.ts'
import type { AppEnv } from '../exchange.ts'
import { describe, errorOn } from '../reply.ts'
import type { Services } from '../services.ts'

const executionContext = (context: Context<AppEnv>): { waitUntil(promise: Promise<unknown>): void } | undefined => {
  try {
    return context.executionCtx
  } catch {
    // Plain Node has none: the work simply goes on.
    return undefined
  }
}

/** Without services there is no request id and nothing to count with. The variables are named in the log, not to the caller. */
const misconfigured = (path: string): Response => {
  const failure = new Failure('misconfigured', 'a variable of this deployment cannot be used; the log names it')
  const { contentType, body } = errorOn(path, failure, '')
  return Response.json(body, {
    status: PROBLEMS[failure.code].status,
    headers: { 'content-type': contentType, 'cache-control': 'no-store' },
  })
}

export const receive =
  (servicesFor: (env: object) => Services): MiddlewareHandler<AppEnv> =>
  async (context, next) => {
    let services: Services
    try {
      services = servicesFor(context.env)
    } catch (error) {
      console.error(describe(error))
      return misconfigured(context.req.path)
    }
    const execution = executionContext(context)
    const background: Background = (work, what) => {
      const watched = work.catch((error: unknown) => services.log(`${what} failed: ${describe(error)}`))
      execution?.waitUntil(watched)
    }
    const given = context.req.header('x-request-id')
    const trace = context.req.header('traceparent')
    context.set('exchange', {
      services,
      method: context.req.method,
      path: context.req.path,
      requestId: given !== undefined && isRequestId(given) ? given : services.randomId(),
      traceparent: trace !== undefined && isTraceparent(trace) ? trace : null,
      background,
      stages: new Stages(services.clock),
    })
    await next()
    return undefined
  }
