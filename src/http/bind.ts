/** Puts a handler behind its declared route: method, path, guard and query. */
import type { Hono } from 'hono'
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

/** The parameters of a query string, each once. Throws `invalid_parameter` for one that `known` lacks: a misspelt one would be ignored. */
const parametersOf = (search: URLSearchParams, known: readonly string[]): Record<string, string> => {
  const parameters: [string, string][] = []
  for (const [name, value] of search) {
    if (!known.includes(name)) {
      const message = `there is no query parameter ${quote(name)} here; there are ${known.join(', ')}`
      throw new Failure('invalid_parameter', message, name)
    }
    if (parameters.some(([earlier]) => earlier === name)) {
      throw new Failure('invalid_parameter', `${name} stands in the query more than once`, name)
    }
    parameters.push([name, value])
  }
  return Object.fromEntries(parameters)
}

const readQuery = ({ query }: RouteDeclaration, request: Request, mayBeNone: boolean): unknown => {
  if (query === undefined || (mayBeNone && !request.url.includes('?'))) return NO_QUERY
  const parameters = parametersOf(new URL(request.url).searchParams, Object.keys(query.shape))
  const result = query.safeParse(parameters)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const name = String(issue?.path[0] ?? 'query')
  throw new Failure(
    'invalid_parameter',
    `${name} is ${quote(parameters[name])}: ${issue?.message ?? 'not valid'}`,
    name,
  )
}

export const bind = <R extends RouteDeclaration>(
  app: Hono<AppEnv>,
  route: R,
  handler: (call: Call<R>) => Promise<Response> | Response,
): void => {
  const path = route.path.replace(/\{(\w+)\}/g, ':$1')
  const mayBeNone = route.query?.safeParse(NO_QUERY).success ?? true
  app.on(route.method.toUpperCase(), path, guard(route), (context) =>
    handler({
      request: context.req.raw,
      exchange: context.get('exchange'),
      query: readQuery(route, context.req.raw, mayBeNone) as Query<R>,
      param: (name) => context.req.param(name) ?? '',
    }),
  )
}
