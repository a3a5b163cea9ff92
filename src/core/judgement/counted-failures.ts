/** Which failures speak against a version. */
import type { FailureCode } from '../failure.ts'

/**
 * Why a version is said to have failed an event, in the order the votes are coded by: another one is another format of evidence.
 * `non_finite` is an answer that is NaN or infinite.
 */
export const FAULTS = ['model_failed', 'model_unavailable', 'deadline_exceeded', 'non_finite'] as const
export type Fault = (typeof FAULTS)[number]

/**
 * The fault a failure code stands for, or `null` where it says nothing of the version: a caller's bad input, an overload, our own error.
 * A version that could not be had counts as well, so the caller must have had both versions loaded before the pair began: else what is
 * counted is which of the two was in memory.
 */
export const faultOf = (code: FailureCode): Fault | null => {
  switch (code) {
    case 'model_failed':
    case 'model_unavailable':
    case 'deadline_exceeded':
      return code
    default:
      return null
  }
}
