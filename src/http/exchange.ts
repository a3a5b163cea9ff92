/** What one request carries from its arrival to its answer. */
import { handOn } from '../protocol/trace.ts'
import type { Background } from '../serving/ports.ts'
import type { Stages } from '../serving/stages.ts'
import type { CrossOrigin } from './middleware/origin.ts'
import type { Services } from './services.ts'

/** The trace of the caller, and the span in it that this request is. */
export interface Trace {
  /** The caller's own. */
  readonly traceparent: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
}

/** A new span of the trace; not all of its digits are zero. */
export const traceOf = (traceparent: string): Trace => ({
  traceparent,
  spanId: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
})

export interface Exchange {
  readonly services: Services
  readonly method: string
  /** Decides the form of an error. */
  readonly path: string
  readonly requestId: string
  /** `null`: the caller named no trace, or a malformed one. */
  readonly trace: Trace | null
  /** The page of another origin that it comes from. */
  readonly crossOrigin: CrossOrigin | null
  readonly background: Background
  readonly stages: Stages
}

/** The exchange with the trace of its body, where no header named one. */
export const tracedBy = (exchange: Exchange, traceparent: string | undefined): Exchange =>
  exchange.trace === null && traceparent !== undefined ? { ...exchange, trace: traceOf(traceparent) } : exchange

/** The `traceparent` of whatever this request causes; `null` where it belongs to no trace. */
export const handedOn = ({ trace }: Exchange): string | null =>
  trace === null ? null : handOn(trace.traceparent, trace.spanId)

/** Hono's view of the environment: the bindings as they come, and what one request carries. */
export interface AppEnv {
  Bindings: object
  Variables: { exchange: Exchange; operation?: string }
}
