/** Everything that was measured while training `late-arrival`: what its card and its manifest are written from. */
import type { Evaluation } from '../evaluation/evaluate.ts'
import type { BoostingParameters } from '../gbdt/parameters.ts'
import type { SourceFaults } from './events.ts'
import type { Rival } from './rivals.ts'

/** A choice of features as it did on the validation month. */
export interface Trial {
  readonly name: string
  readonly auc: number
  readonly logLoss: number
  readonly trees: number
}

export interface MonthFigures {
  /** YYYY-MM, UTC. */
  readonly month: string
  readonly rows: number
  readonly positiveShare: number
  /** Of held-out months. */
  readonly auc: number | undefined
}

export interface LateArrivalFigures {
  readonly version: string
  /** Flights that were read. */
  readonly flights: number
  readonly airports: number
  /** From an airport to the zip that stands for it: the farthest, and the middle one. */
  readonly farthestZip: { readonly airport: string; readonly zip: string; readonly kilometres: number }
  readonly medianZipKilometres: number
  readonly faults: SourceFaults
  readonly trainedRows: number
  readonly heldOut: Evaluation
  /** The same rows as if their events named no zip. */
  readonly withoutZip: Evaluation
  readonly rivals: readonly Rival[]
  readonly months: readonly MonthFigures[]
  readonly chosen: Trial
  readonly trials: readonly Trial[]
  readonly bigger: Trial & { readonly leaves: number; readonly bytes: number }
  readonly parameters: BoostingParameters
  readonly trees: number
  readonly leaves: number
  readonly modelBytes: number
  readonly greatestDifference: number
}
