/** Why something failed, in words that may stand in the log. */
import { Failure } from '../../core/failure.ts'

/** A failure by its code alone: its message may quote what somebody sent. Other errors are of the platform or of this code. */
export const logReason = (error: unknown): string => (error instanceof Failure ? error.code : String(error))
