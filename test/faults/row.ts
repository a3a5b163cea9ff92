/** One row of the fault table: what is got wrong, the traffic meanwhile, and what must hold. */
import type { Rules } from './judge.ts'
import type { Stage } from './stage.ts'

export interface Row {
  readonly name: string
  /** As it reads in the table. */
  readonly fault: string
  /** Also in the short run. */
  readonly isQuick: boolean
  readonly rules?: Partial<Rules>
  /** Variables of the worker, see src/config.ts. */
  readonly variables?: Readonly<Record<string, string>>
  /** The isolate that answers is lost with what it had not sent to the statistics yet: a second's counts. */
  readonly losesIsolate?: boolean
  /** So many there must be of these: else the fault was not felt. */
  readonly least?: Partial<Record<'flagged' | 'refused' | 'letters', number>>
  /** Nothing is got wrong at a binding, so nothing counts how often. */
  readonly isUninjected?: boolean
  /** Sends the traffic, with the fault; the runner heals everything afterwards, sends again what was refused, and reads back. */
  run(stage: Stage): Promise<void>
}

/** What a row came to: all of it counted by the client, and by reading the archive and the dead letters back. */
export interface RowFigures {
  readonly name: string
  readonly fault: string
  readonly sent: number
  readonly answered: number
  readonly within: number
  readonly predictions: { readonly sent: number; readonly within: number }
  readonly flagged: number
  readonly refused: number
  /** Answers, and lines of the archive. */
  readonly wrong: number
  /** Events that the worker said to have: to be predicted later, or as dead letters. */
  readonly accepted: number
  readonly archived: number
  readonly letters: number
  readonly missing: number
  /** Found more than once, or found and never sent. */
  readonly doubles: number
  /** By the statistics objects, of the events that the queue brought. */
  readonly counted: number
  /** By the statistics objects, of what was answered at once; and what they should have counted. */
  readonly observed: { readonly counted: number; readonly of: number }
  /** Calls that were got wrong. */
  readonly injected: number
  readonly seconds: number
  /** Why it failed, in words; empty when it holds. */
  readonly faults: readonly string[]
}
