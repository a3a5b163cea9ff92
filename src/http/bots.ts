/** Which user agents are bots, by what they call themselves; remembered in this isolate's memory and nowhere else. */
import { isbot } from 'isbot'

/** User agents that are remembered, each with one bit. */
const MAX_REMEMBERED = 1_000
/** Nobody's browser has a longer one; what follows is not looked at. */
const MAX_LENGTH = 512
/** From 1 (a program) to 99 (a person); 0 is not computed. Below 30 is "likely automated" (Cloudflare, "Bot scores", read 2026-11). */
const LEAST_HUMAN_SCORE = 30

/**
 * Every browser begins so, and what passes for one; the others that are of interest name what they are. Any other program (curl, Logstash,
 * python-requests) carries the events of visitors it is not: of them its name says nothing.
 */
const SPEAKS_FOR_ITSELF = /^(?:Mozilla|Opera)\/|bot\b|crawl|spider|^facebookexternalhit|^headless/i

const remembered = new Map<string, boolean>()

const speaksAsBot = (userAgent: string): boolean => SPEAKS_FOR_ITSELF.test(userAgent) && isbot(userAgent)

/** Whether a user agent is a bot's own. */
export const isBotAgent = (userAgent: string): boolean => {
  // Not remembered: the piece that is looked at would hold the whole text in memory, and a header may have 100 KB.
  if (userAgent.length > MAX_LENGTH) return speaksAsBot(userAgent.slice(0, MAX_LENGTH))
  const known = remembered.get(userAgent)
  if (known !== undefined) return known
  const isBot = speaksAsBot(userAgent)
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(userAgent, isBot)
  return isBot
}

/** Whether Cloudflare's bot management (`request.cf.botManagement`, where a zone has it) takes a caller with this user agent for a bot. */
export const isBotByEdge = (botManagement: object, userAgent: string | null): boolean => {
  if ('verifiedBot' in botManagement && botManagement.verifiedBot === true) return true
  const score = 'score' in botManagement ? botManagement.score : undefined
  // A server that forwards events is automated too, and says so.
  const claimsBrowser = userAgent !== null && SPEAKS_FOR_ITSELF.test(userAgent)
  return claimsBrowser && typeof score === 'number' && score >= 1 && score < LEAST_HUMAN_SCORE
}
