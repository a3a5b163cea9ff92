/** The dashboard: its page, the time line it draws, the alerts, and drift. */
import type { Hono } from 'hono'
import { Failure } from '../../core/failure.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv } from '../exchange.ts'
import { replyPage } from '../page.ts'
import { replyJson } from '../reply.ts'

export const dashboardRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.series, async ({ exchange, query }) => {
    const { series, releases } = exchange.services
    if (series === undefined) throw new Failure('statistics_unavailable', 'this deployment keeps no time line')
    return replyJson(exchange, await series.read(query.range ?? '5m', releases.models()))
  })
  bind(app, ROUTES.alerts, async ({ exchange }) => {
    const { alerts } = exchange.services
    if (alerts === undefined) throw new Failure('statistics_unavailable', 'nobody watches this deployment')
    return replyJson(exchange, await alerts.read())
  })
  bind(app, ROUTES.drift, async ({ exchange, query }) => {
    const { drift } = exchange.services
    if (drift === undefined) throw new Failure('statistics_unavailable', 'nobody watches this deployment')
    return replyJson(exchange, await drift.read(query.model))
  })
  bind(app, ROUTES.dashboard, async ({ exchange }) => {
    // Loaded when asked for: the page is no part of a start.
    const { dashboardPage } = await import('../pages/dashboard.ts')
    return replyPage(exchange, dashboardPage(exchange.services.tokens.publicStatistics))
  })
}
