/** The HTTP surface: what happens to every request, then one file per group of routes. */
import { Hono } from 'hono'
import { Failure } from '../core/failure.ts'
import { methodsOf, routesAt } from '../protocol/route-paths.ts'
import type { AppEnv } from './exchange.ts'
import { logFailure } from './log-request.ts'
import { preflight } from './middleware/preflight.ts'
import { receive } from './middleware/receive.ts'
import { refuse } from './refuse.ts'
import { describe } from './reply.ts'
import { adminRoutes } from './routes/admin.ts'
import { archiveRoutes } from './routes/archive.ts'
import { beaconRoutes } from './routes/beacon.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { documentRoutes } from './routes/documents.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { inferenceRoutes } from './routes/inference.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { modelRoutes } from './routes/models.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { predictRoutes } from './routes/predict.ts'
import { statisticsRoutes } from './routes/statistics.ts'
import type { Services } from './services.ts'

export const createApp = (servicesFor: (env: object) => Services): Hono<AppEnv> => {
  const app = new Hono<AppEnv>()
  app.use(receive(servicesFor))

  documentRoutes(app)
  predictRoutes(app)
  eventRoutes(app)
  outcomeRoutes(app)
  modelRoutes(app)
  inferenceRoutes(app)
  statisticsRoutes(app)
  metricsRoutes(app)
  healthRoutes(app)
  adminRoutes(app)
  deadLetterRoutes(app)
  archiveRoutes(app)
  dashboardRoutes(app)
  beaconRoutes(app)

  app.options('*', preflight)

  app.notFound((context) => {
    const exchange = context.get('exchange')
    const { method, path } = context.req
    const allowed = methodsOf(routesAt(path))
    if (allowed.length === 0) return refuse(exchange, new Failure('not_found', `there is nothing at ${path}`))
    const failure = new Failure('method_not_allowed', `${path} answers ${allowed.join(', ')}, not ${method}`)
    return refuse(exchange, failure, { allow: allowed.join(', ') })
  })

  app.onError((error, context) => {
    const exchange = context.get('exchange')
    if (exchange === undefined) throw error
    if (error instanceof Failure) return refuse(exchange, error)
    logFailure(exchange, 'internal', `request ${exchange.requestId} failed: ${describe(error)}`)
    return refuse(exchange, new Failure('internal', 'something failed here; the log has it under this request id'))
  })
  return app
}
