/** The first look at the house, its demo, and the document that describes it. */
import type { Hono } from 'hono'
import type { Welcome } from '../../protocol/answers.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { replyPage, wantsPage } from '../page.ts'
import { replyJson } from '../reply.ts'

const welcome = (origin: string): Welcome => ({
  name: 'nearcast',
  description: 'Scores clickstream events at the CDN edge.',
  try: `curl -s ${origin}/v1/predict -d '{"createdDateTime":1731880381293,"zipCode":"94107"}'`,
  send: `curl -s ${origin}/v1/events -d '{"createdDateTime":1731880381293,"zipCode":"94107"}'`,
  links: {
    predict: `${origin}/v1/predict?zip=94107`,
    models: `${origin}/v1/models`,
    statistics: `${origin}/v1/stats`,
    dashboard: `${origin}/dashboard`,
    live: `${origin}/livez`,
    ready: `${origin}/readyz`,
    openapi: `${origin}/openapi.json`,
    docs: `${origin}/docs`,
    demo: `${origin}/demo`,
  },
})

export const documentRoutes = (app: Hono<AppEnv>): void => {
  /** Making the document costs milliseconds, and it differs only by the origin. */
  let made: { readonly origin: string; readonly document: unknown } | undefined
  const demo = async (exchange: Exchange, answer: Welcome): Promise<Response> => {
    // Loaded when asked for: the page is no part of a start.
    const { demoPage } = await import('../pages/demo.ts')
    return replyPage(exchange, demoPage(answer))
  }
  bind(app, ROUTES.welcome, ({ request, exchange }) => {
    const answer = welcome(new URL(request.url).origin)
    return wantsPage(request) ? demo(exchange, answer) : replyJson(exchange, answer)
  })
  bind(app, ROUTES.demo, ({ request, exchange }) => demo(exchange, welcome(new URL(request.url).origin)))
  bind(app, ROUTES.openapi, async ({ request, exchange }) => {
    // Loaded when asked for: making the document is no part of a start.
    const { openApiDocument } = await import('../../protocol/openapi.ts')
    const { origin } = new URL(request.url)
    if (made?.origin !== origin)
      made = { origin, document: openApiDocument(origin, exchange.services.version, exchange.services.limits) }
    return replyJson(exchange, made.document)
  })
  bind(app, ROUTES.docs, async ({ exchange }) => {
    const { docsPage } = await import('../pages/docs.ts')
    return replyPage(exchange, docsPage)
  })
}
