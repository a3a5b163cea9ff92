/** What Prometheus scrapes. */
import type { Hono } from 'hono'
import { Failure } from '../../core/failure.ts'
import { EXPOSITION_TYPE, expositionText } from '../../core/prometheus.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv } from '../exchange.ts'
import { replyText } from '../reply.ts'

export const metricsRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.metrics, async ({ exchange }) => {
    const { services, background } = exchange
    if (services.metrics === undefined) throw new Failure('statistics_unavailable', 'this deployment has no metrics')
    return replyText(exchange, expositionText(await services.metrics.read(background)), EXPOSITION_TYPE)
  })
}
