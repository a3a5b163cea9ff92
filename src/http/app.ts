/** The HTTP surface: what happens to every request, then one file per group of routes. */
import { Hono } from 'hono'
import { Failure } from '../core/failure.ts'
import { ROUTES, type RouteDeclaration } from '../protocol/routes.ts'
import type { AppEnv, Exchange } from './exchange.ts'
import { receive } from './middleware/receive.ts'
import { describe, replyProblem } from './reply.ts'
import { adminRoutes } from './routes/admin.ts'
import { documentRoutes } from './routes/documents.ts'
import { healthRoutes } from './routes/health.ts'
import { inferenceRoutes } from './routes/inference.ts'
import { modelRoutes } from './routes/models.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { predictRoutes } from './routes/predict.ts'
import { statisticsRoutes } from './routes/statistics.ts'
import type { Services } from './services.ts'

/** The methods a path does answer. */
const methodsOf = (path: string): string[] =>
  Object.values<RouteDeclaration>(ROUTES)
    .filter((route) => new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+').replace(/\./g, '\\.')}$`).test(path))
    .flatMap((route) => (route.method === 'get' ? ['GET', 'HEAD'] : ['POST']))

/** Answers a request that came to nothing, and counts it. */
const refuse = (exchange: Exchange, failure: Failure, headers: Readonly<Record<string, string>> = {}): Response => {
  exchange.services.observer.failure({ code: failure.code })
  exchange.services.observer.afterAnswer(exchange.background)
  return replyProblem(exchange, failure, [], headers)
}

export const createApp = (servicesFor: (env: object) => Services): Hono<AppEnv> => {
  const app = new Hono<AppEnv>()
  app.use(receive(servicesFor))

  documentRoutes(app)
  predictRoutes(app)
  outcomeRoutes(app)
  modelRoutes(app)
  inferenceRoutes(app)
  statisticsRoutes(app)
  healthRoutes(app)
  adminRoutes(app)

  app.notFound((context) => {
    const exchange = context.get('exchange')
    const { method, path } = context.req
    const allowed = methodsOf(path)
    if (allowed.length === 0) return refuse(exchange, new Failure('not_found', `there is nothing at ${path}`))
    const failure = new Failure('method_not_allowed', `${path} answers ${allowed.join(', ')}, not ${method}`)
    return refuse(exchange, failure, { allow: allowed.join(', ') })
  })

  app.onError((error, context) => {
    const exchange = context.get('exchange')
    if (exchange === undefined) throw error
    const { services } = exchange
    if (error instanceof Failure) {
      services.observer.failure({ code: error.code })
      services.observer.afterAnswer(exchange.background)
      return replyProblem(exchange, error)
    }
    services.log(`request ${exchange.requestId} failed: ${describe(error)}`)
    services.observer.failure({ code: 'internal' })
    services.observer.afterAnswer(exchange.background)
    return replyProblem(
      exchange,
      new Failure('internal', 'something failed here; the log has it under this request id'),
    )
  })
  return app
}
