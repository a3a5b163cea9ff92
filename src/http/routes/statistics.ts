/** What happened lately, merged over all shards. */
import type { Hono } from 'hono'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv } from '../exchange.ts'
import { replyJson } from '../reply.ts'

export const statisticsRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.statistics, async ({ exchange, query }) =>
    replyJson(exchange, await exchange.services.statistics(query.window ?? '5m')),
  )
}
