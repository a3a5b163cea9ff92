/** Puts a handler behind its declared route: method, path, guard and query. */
import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import { Failure, quote } from '../core/failure.ts'
import type { RouteDeclaration } from '../protocol/routes.ts'
import type { AppEnv, Exchange } from './exchange.ts'
import { guard } from './middleware/guard.ts'

type Query<R extends RouteDeclaration> = R extends { query: z.ZodType<infer T> } ? T : Record<string, never>

/** What a handler is given. */
export interface Call<R extends RouteDeclaration> {
  readonly request: Request
  readonly exchange: Exchange
  readonly query: Query<R>
  /** A path parameter; declared ones are always there. */
  param(name: string): string
}

const NO_QUERY = {}

const readQuery = (route: RouteDeclaration, context: Context<AppEnv>): unknown => {
  if (route.query === undefined || !context.req.url.includes('?')) return NO_QUERY
  const result = route.query.safeParse(context.req.query())
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const name = String(issue?.path[0] ?? 'query')
  throw new Failure(
    'invalid_parameter',
    `${name} is ${quote(context.req.query(name))}: ${issue?.message ?? 'not valid'}`,
    name,
  )
}

export const bind = <R extends RouteDeclaration>(
  app: Hono<AppEnv>,
  route: R,
  handler: (call: Call<R>) => Promise<Response> | Response,
): void => {
  const path = route.path.replace(/\{(\w+)\}/g, ':$1')
  app.on(route.method.toUpperCase(), path, guard(route.security), (context) =>
    handler({
      request: context.req.raw,
      exchange: context.get('exchange'),
      query: readQuery(route, context) as Query<R>,
      param: (name) => context.req.param(name) ?? '',
    }),
  )
}
