/** Tries again what may go through later, at growing, random distances. */
import { setTimeout as pause } from 'node:timers/promises'
import { ServerFailure } from './failure.ts'

/** The first pause is up to a quarter of a second, each further one up to twice as long, none above ten seconds. */
const FIRST_PAUSE_MILLISECONDS = 250
const LONGEST_PAUSE_MILLISECONDS = 10_000
/** A server that wants to be left alone for longer is taken for one that does not answer. */
const LONGEST_RETRY_AFTER_MILLISECONDS = 120_000

/**
 * How long to wait after the `attempt`-th failure (from 1): a random share of a bound that doubles, so that clients who failed together do
 * not come back together, and never less than the server asked for. In milliseconds.
 */
export const pauseAfter = (attempt: number, retryAfterMilliseconds: number | undefined, random: number): number => {
  const bound = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_MILLISECONDS)
  return Math.max(random * bound, Math.min(retryAfterMilliseconds ?? 0, LONGEST_RETRY_AFTER_MILLISECONDS))
}

/** What `run` returns, tried `attempts` times at most while it throws passing ServerFailures. Rejects with the last one, or `signal.reason`. */
export const retrying = async <T>(run: () => Promise<T>, attempts: number, signal: AbortSignal): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ServerFailure) || !error.isPassing) throw error
      if (attempt >= attempts) {
        throw attempt === 1
          ? error
          : new ServerFailure(`${error.message} (${attempt} attempts)`, error, { cause: error })
      }
      await pause(pauseAfter(attempt, error.retryAfterMilliseconds, Math.random()), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      )
    }
  }
}
