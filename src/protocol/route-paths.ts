/** Which declared routes stand at a path. */
import { ROUTES, type RouteDeclaration } from './routes.ts'

const PATTERNS: readonly { readonly route: RouteDeclaration; readonly pattern: RegExp }[] =
  Object.values<RouteDeclaration>(ROUTES).map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+').replace(/\./g, '\\.')}$`),
  }))

/** As OpenAPI has it, a path without parameters goes before one whose parameter it could be. */
export const routesAt = (path: string): RouteDeclaration[] => {
  const matching = PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route)
  const literal = matching.filter((route) => route.path === path)
  return literal.length > 0 ? literal : matching
}

/** The methods that these routes answer. */
export const methodsOf = (routes: readonly RouteDeclaration[]): string[] =>
  routes.flatMap((route) => (route.method === 'get' ? ['GET', 'HEAD'] : ['POST']))
