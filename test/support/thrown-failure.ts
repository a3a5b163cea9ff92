/** The Failure that a call ends in. */
import { Failure } from '../../src/core/failure.ts'

/** Calls `act` and returns the Failure it throws; any other exception passes through, and no exception is an Error. */
export const thrownFailure = (act: () => unknown): Failure => {
  try {
    act()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('expected a Failure, but the call returned')
}
