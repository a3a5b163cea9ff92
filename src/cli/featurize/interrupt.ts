/** Ctrl-C and the polite kill: they end a run in order, once; a second one ends the process at once. */
import { constants } from 'node:os'

/** A run that a signal has ended. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** By the convention of shells. */
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** Calls `work` with a signal that SIGINT and SIGTERM abort with an `Interrupted`. */
export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  const stop = (signal: 'SIGINT' | 'SIGTERM') => (): void => controller.abort(new Interrupted(signal))
  const onInterrupt = stop('SIGINT')
  const onTerminate = stop('SIGTERM')
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onTerminate)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onTerminate)
  }
}
