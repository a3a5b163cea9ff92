/** The models, their versions and what is released. */
import type { Hono } from 'hono'
import { Failure } from '../../core/failure.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv } from '../exchange.ts'
import { replyJson } from '../reply.ts'

export const modelRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.models, async ({ exchange }) => {
    await exchange.services.refreshReleases(exchange.background)
    return replyJson(exchange, { models: exchange.services.models() })
  })
  bind(app, ROUTES.model, async ({ exchange, param }) => {
    await exchange.services.refreshReleases(exchange.background, [param('model')])
    const model = exchange.services.models().find(({ name }) => name === param('model'))
    if (model === undefined) throw new Failure('unknown_model', `there is no model "${param('model')}"`, 'model')
    return replyJson(exchange, model)
  })
}
