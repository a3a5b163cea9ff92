/** What a request tells of its caller: headers and Cloudflare's own knowledge, read once; neither address nor user agent goes further. */
import type { Caller } from '../serving/caller.ts'
import { isBotAgent, isBotByEdge } from './bots.ts'
import type { Services } from './services.ts'

/** What Cloudflare knows of the caller (`request.cf`); absent elsewhere. */
const edgeOf = (request: Request): object | null =>
  'cf' in request && typeof request.cf === 'object' && request.cf !== null ? request.cf : null

const edgeZip = (cf: object): string | null => {
  const country = 'country' in cf ? cf.country : undefined
  const postalCode = 'postalCode' in cf ? cf.postalCode : undefined
  return country === 'US' && typeof postalCode === 'string' ? postalCode : null
}

const isBot = (cf: object | null, userAgent: string | null): boolean => {
  if (userAgent !== null && isBotAgent(userAgent)) return true
  const management = cf !== null && 'botManagement' in cf ? cf.botManagement : undefined
  return typeof management === 'object' && management !== null && isBotByEdge(management, userAgent)
}

/** Global Privacy Control, or its predecessor. */
const asksNotToBeFollowed = (headers: Headers): boolean => headers.get('sec-gpc') === '1' || headers.get('dnt') === '1'

export const callerOf = (request: Request, services: Pick<Services, 'zipFromEdge' | 'honorOptOut'>): Caller => {
  const cf = edgeOf(request)
  return {
    edgeZip: services.zipFromEdge && cf !== null ? edgeZip(cf) : null,
    isBot: isBot(cf, request.headers.get('user-agent')),
    isOptedOut: services.honorOptOut && asksNotToBeFollowed(request.headers),
  }
}
