/** What the events of one message gave: counted by message, so that a redelivery counts nothing twice. */
import type { Clock } from '../../core/clock.ts'
import type { StatisticsDelta } from '../../core/statistics/delta.ts'
import { DeltaBuilder } from '../../core/statistics/delta-builder.ts'
import type { LayoutOf, SeenPrediction } from '../../core/statistics/version-recorder.ts'
import type { Observations } from '../observe.ts'

export class MessageObservations implements Observations {
  readonly #counts: DeltaBuilder

  constructor(
    private readonly clock: Clock,
    layoutOf: LayoutOf,
  ) {
    this.#counts = new DeltaBuilder(layoutOf)
  }

  prediction({ model, version, outputs, flags, fields }: SeenPrediction): void {
    this.#counts.prediction(model, version, outputs, flags, this.clock.epochMilliseconds(), fields)
  }

  failure({ code, model, version }: Parameters<Observations['failure']>[0]): void {
    const at = this.clock.epochMilliseconds()
    if (model === undefined || version === undefined) this.#counts.rejected(code, at)
    else this.#counts.failure(model, version, code, at)
  }

  zipLookup(outcome: Parameters<Observations['zipLookup']>[0]): void {
    this.#counts.zipLookup(outcome, this.clock.epochMilliseconds())
  }

  /** The only delta of this message; `null`: there is nothing to count. */
  toDelta(message: string, codeVersion: string): StatisticsDelta | null {
    return this.#counts.isEmpty ? null : this.#counts.toDelta({ isolate: message, sequence: 1, codeVersion })
  }
}
