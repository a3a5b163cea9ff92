/** What one request carries from its arrival to its answer. */

import type { Background } from '../serving/ports.ts'
import type { Stages } from '../serving/stages.ts'
import type { CrossOrigin } from './middleware/origin.ts'
import type { Services } from './services.ts'

export interface Exchange {
  readonly services: Services
  readonly method: string
  /** Decides the form of an error. */
  readonly path: string
  readonly requestId: string
  /** The caller's own `traceparent`, when it is well-formed. */
  readonly traceparent: string | null
  /** The page of another origin that it comes from. */
  readonly crossOrigin: CrossOrigin | null
  readonly background: Background
  readonly stages: Stages
}

/** The exchange with the trace of its body, where no header named one. */
export const tracedBy = (exchange: Exchange, traceparent: string | undefined): Exchange =>
  exchange.traceparent === null && traceparent !== undefined ? { ...exchange, traceparent } : exchange

/** Hono's view of the environment: the bindings as they come, and what one request carries. */
export interface AppEnv {
  Bindings: object
  Variables: { exchange: Exchange; operation?: string }
}
