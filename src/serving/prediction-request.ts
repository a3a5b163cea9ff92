/** What a prediction is asked for with, and what it comes to. */
import type { Deadline } from '../core/clock.ts'
import type { Failure } from '../core/failure.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { Caller } from './caller.ts'
import type { EventItem } from './candidates.ts'
import type { Observations } from './observe.ts'
import type { Background } from './ports.ts'
import type { Stages } from './stages.ts'

export interface PredictRequest {
  readonly items: readonly EventItem[]
  readonly model: string
  /** The version that must answer; without one the release says which. */
  readonly version?: string | undefined
  readonly caller: Caller
  readonly withFeatures: boolean
  /** Whether each prediction is explained. */
  readonly isExplained?: boolean
  readonly deadline: Deadline
  readonly background: Background
  readonly stages: Stages
  /** Told what is seen, instead of the isolate's observer. */
  readonly observations?: Observations
  /** How long the zip store may be waited for, where nobody waits for the answer. */
  readonly zipMilliseconds?: number
  /** False where these events may have been compared before. */
  readonly isCompared?: boolean
}

export type PredictOutcome =
  | { readonly prediction: Prediction }
  | {
      readonly failure: Failure
      readonly id: string | null
      /** That failed on it, or could not be had. */
      readonly version?: string
    }
