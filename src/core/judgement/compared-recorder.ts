/** The compared events of a canary while they grow in an isolate. */
import type { ObservedOutputs } from '../statistics/version-recorder.ts'
import {
  type ComparedEvent,
  type ComparedEvents,
  type ComparedOutput,
  hasLoss,
  keptOutputs,
} from './compared-events.ts'
import type { EvidenceSubject } from './evidence.ts'

/** An event that both versions answered. */
export interface AnsweredByBoth {
  readonly event: number
  readonly unit: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly canary: ObservedOutputs
  readonly stable: ObservedOutputs
}

export class ComparedRecorder {
  readonly #outputs: readonly ComparedOutput[]
  readonly #events: ComparedEvent[] = []

  constructor(
    private readonly subject: EvidenceSubject,
    outputs: readonly ComparedOutput[],
  ) {
    this.#outputs = keptOutputs(outputs)
  }

  get size(): number {
    return this.#events.length
  }

  /** Keeps the event, unless one of the versions lacks an output or gives something else than a number for it. */
  add({ event, unit, at, canary, stable }: AnsweredByBoth): void {
    const [ofCanary, ofStable] = [this.#said(canary), this.#said(stable)]
    if (ofCanary !== null && ofStable !== null)
      this.#events.push({ event, unit, at: Math.round(at), canary: ofCanary, stable: ofStable })
  }

  toEvents(): ComparedEvents {
    const { model, canary, stable, since } = this.subject
    return { model, canary, stable, since, outputs: this.#outputs, events: this.#events }
  }

  #said(outputs: ObservedOutputs): readonly (number | null)[] | null {
    const said: (number | null)[] = []
    for (const output of this.#outputs) {
      const value = hasLoss(output) ? outputs[output.name] : null
      if (value !== null && (typeof value !== 'number' || !Number.isFinite(value))) return null
      said.push(value)
    }
    return said
  }
}
