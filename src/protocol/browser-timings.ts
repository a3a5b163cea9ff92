/** What a browser tells of its own requests, beside `events` in a body: how long it waited for each answer. */
import { isJsonObject, type JsonValue } from '../core/json.ts'

/** The routes that a page may call. */
export const TIMED_ROUTES = ['/v1/predict', '/v1/events'] as const
export type TimedRoute = (typeof TIMED_ROUTES)[number]

export interface BrowserTiming {
  readonly route: TimedRoute
  /** From the start of the request to the end of its answer, by the browser's clock. */
  readonly milliseconds: number
}

/** Of one body. */
const MOST_TIMINGS = 100
/** What took longer was a browser that slept. */
const LONGEST_MILLISECONDS = 60_000

const isTimedRoute = (value: JsonValue | undefined): value is TimedRoute =>
  (TIMED_ROUTES as readonly unknown[]).includes(value)

/** The `timings` of an envelope, the first hundred. As with a header, what is malformed is left out: events are not refused for it. */
export const timingsOf = (envelope: JsonValue): readonly BrowserTiming[] => {
  const stated = isJsonObject(envelope) ? envelope.timings : undefined
  if (!Array.isArray(stated)) return []
  return stated.slice(0, MOST_TIMINGS).flatMap((timing): readonly BrowserTiming[] => {
    if (!isJsonObject(timing)) return []
    const { route, milliseconds } = timing
    if (!isTimedRoute(route) || typeof milliseconds !== 'number') return []
    return milliseconds > 0 && milliseconds <= LONGEST_MILLISECONDS ? [{ route, milliseconds }] : []
  })
}
