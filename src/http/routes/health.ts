/** Is it alive, and can it serve? */
import type { Hono } from 'hono'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv } from '../exchange.ts'
import { replyJson } from '../reply.ts'

export const healthRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.live, ({ exchange }) => replyJson(exchange, { live: true }))
  bind(app, ROUTES.ready, async ({ exchange }) => {
    const readiness = await exchange.services.readiness(exchange.background)
    return replyJson(exchange, readiness, readiness.ready ? 200 : 503)
  })
}
