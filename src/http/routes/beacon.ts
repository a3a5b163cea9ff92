/** The scripts of the beacon, under their own names and under the one that is configured. */
import type { Context, Hono } from 'hono'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { guard } from '../middleware/guard.ts'
import { AUTO, CORE } from '../pages/beacon-bundle.ts'
import { headersOf } from '../reply.ts'

type Script = typeof CORE

/** An hour; for a day more the old one does while the new one comes. */
const CACHE_CONTROL = 'public, max-age=3600, stale-while-revalidate=86400'

/** Whether the caller has it already. Proxies that compress make tags weak. */
const isKnown = (request: Request, tag: string): boolean => {
  const tags = (request.headers.get('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  return tags.includes(tag) || tags.includes('*')
}

const replyScript = (exchange: Exchange, request: Request, { text, tag }: Script): Response => {
  const headers = {
    ...headersOf(exchange, 'text/javascript; charset=utf-8'),
    'cache-control': CACHE_CONTROL,
    etag: tag,
    // The same for every page, also one that wants integrity or isolates itself.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'timing-allow-origin': '*',
  }
  return isKnown(request, tag) ? new Response(null, { status: 304, headers }) : new Response(text, { headers })
}

/** The script of a path that only the configuration names. */
const configuredScript = ({ path, services }: Exchange): Script | null => {
  if (path === services.beaconPath) return CORE
  return path === services.beaconPath.replace(/\.js$/, '-auto.js') ? AUTO : null
}

export const beaconRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.beacon, ({ exchange, request }) => replyScript(exchange, request, CORE))
  bind(app, ROUTES.beaconAuto, ({ exchange, request }) => replyScript(exchange, request, AUTO))
  app.get('*', async (context: Context<AppEnv>, next) => {
    const exchange = context.get('exchange')
    const script = configuredScript(exchange)
    if (script === null) return next()
    const refused = await guard(ROUTES.beacon)(context, async () => {})
    return refused ?? replyScript(exchange, context.req.raw, script)
  })
}
