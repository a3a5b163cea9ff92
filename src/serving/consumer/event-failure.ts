/** What a failure means for an event in the queue: try again, or give it up. */
import type { FailureCode } from '../../core/failure.ts'
import type { DeadLetterStage } from '../ports/dead-letters.ts'

/** Codes that trying again cannot mend, each with the stage at which such an event is given up. */
const PERMANENT: { readonly [Code in FailureCode]?: DeadLetterStage } = {
  invalid_json: 'read',
  invalid_utf8: 'read',
  too_deep: 'read',
  not_an_event: 'read',
  missing_time: 'read',
  ambiguous_time: 'read',
  invalid_time: 'read',
  time_out_of_range: 'read',
  unknown_object: 'read',
  invalid_feature: 'predict',
  model_failed: 'predict',
}

export const isPermanent = (code: FailureCode): boolean => PERMANENT[code] !== undefined

export const stageOf = (code: FailureCode, isGivenUp: boolean): DeadLetterStage =>
  PERMANENT[code] ?? (isGivenUp ? 'deliver' : code === 'archive_unavailable' ? 'archive' : 'predict')

const LONGEST_SECONDS = 1_800

/**
 * Whole seconds until a message is delivered again after its delivery number `attempts`: 2, 4, 8, … to half an hour, of which half is by
 * chance (`random`, in [0, 1)), so that what failed together does not come back together.
 */
export const retrySeconds = (attempts: number, random: number): number => {
  const whole = Math.min(LONGEST_SECONDS, 2 ** Math.min(attempts, 20))
  return Math.ceil((whole / 2) * (1 + random))
}
