/** What both versions of a canary said of single events, kept until it is reported what really happened. */
import { type EvidenceSubject, MAX_JUDGED_OUTPUTS } from './evidence.ts'

export const OUTPUT_KINDS = ['probability', 'value', 'distribution'] as const

export interface ComparedOutput {
  readonly name: string
  readonly kind: (typeof OUTPUT_KINDS)[number]
  /** Of a value: what its loss is a share of. `null`: none is known. */
  readonly range: readonly [lowest: number, highest: number] | null
}

export interface ComparedEvent {
  /** From `eventOf`. */
  readonly event: number
  /** From `unitOf`. */
  readonly unit: number
  /** When both had answered, epoch milliseconds. */
  readonly at: number
  /** What each version said, in the order of the outputs; `null` of an output without a loss. */
  readonly canary: readonly (number | null)[]
  readonly stable: readonly (number | null)[]
}

export interface ComparedEvents extends EvidenceSubject {
  /** At most `MAX_JUDGED_OUTPUTS`. */
  readonly outputs: readonly ComparedOutput[]
  readonly events: readonly ComparedEvent[]
}

/** Of a distribution no loss is defined, nor of a value of unknown range: losses are in [0, 1]. */
export const hasLoss = ({ kind, range }: ComparedOutput): boolean =>
  kind === 'probability' || (kind === 'value' && range !== null)

/** The outputs of which events are kept: as in the evidence, the first by name. */
export const keptOutputs = (outputs: readonly ComparedOutput[]): readonly ComparedOutput[] =>
  [...outputs].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).slice(0, MAX_JUDGED_OUTPUTS)
