/** Turns away who makes too many requests; without its counter it lets everyone pass, for it protects and is no part of an answer. */
import { admit, type CircuitSettings, CLOSED, failed, succeeded } from '../core/circuit.ts'
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { RateLimit } from '../protocol/rate-limits.ts'
import type { RequestLimit } from './ports/request-limit.ts'
import type { Timers } from './ports.ts'
import { TIMED_OUT, within } from './within.ts'

export const GATE_FAULTS = ['timeout', 'error', 'skipped'] as const

/** Why a request was not counted. */
export type GateFault = (typeof GATE_FAULTS)[number]

export interface RequestGateParts {
  readonly limit: RequestLimit
  readonly clock: Clock
  readonly timers: Timers
  readonly circuit: CircuitSettings
  readonly onFault: (fault: GateFault) => void
}

/** The counters lie in memory beside the isolate; one that takes longer is broken. */
const LIMIT_MILLISECONDS = 25

export class RequestGate {
  #circuit = CLOSED

  constructor(private readonly parts: RequestGateParts) {}

  get limit(): RateLimit {
    return this.parts.limit
  }

  /** Counts a request of `key`. Never rejects; after at most 25 ms it lets pass what could not be counted, and tells `onFault`. */
  async isOver(key: string): Promise<boolean> {
    const { limit, clock, timers, circuit: settings, onFault } = this.parts
    const { circuit, mayCall } = admit(this.#circuit, clock.now(), settings)
    this.#circuit = circuit
    const { generation } = circuit
    let fault: GateFault = 'skipped'
    if (mayCall) {
      try {
        const admitted = await within(limit.admits(key), deadlineIn(clock, LIMIT_MILLISECONDS), timers)
        if (admitted !== TIMED_OUT) {
          this.#circuit = succeeded(this.#circuit, generation)
          return !admitted
        }
        fault = 'timeout'
      } catch {
        fault = 'error'
      }
      this.#circuit = failed(this.#circuit, generation, clock.now(), settings)
    }
    onFault(fault)
    return false
  }
}
