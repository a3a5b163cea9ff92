/** What really happened to events, from whoever may write. */
import type { Hono } from 'hono'
import { readBody } from '../../protocol/body.ts'
import { refuseMediaType } from '../../protocol/media-type.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import { readBytes } from '../body.ts'
import type { AppEnv } from '../exchange.ts'
import { replyJson } from '../reply.ts'

export const outcomeRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.outcomes, async ({ request, exchange }) => {
    const { limits, outcomes } = exchange.services
    const contentType = request.headers.get('content-type')
    refuseMediaType(contentType, request.headers.get('content-encoding'))
    const body = readBody(await readBytes(request, exchange.services), { contentType, batch: true, limits })
    return replyJson(exchange, await outcomes.report(body.kind === 'batch' ? body.items : [body]))
  })
}
