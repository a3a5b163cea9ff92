/** Runs a program in the foreground, as if it had been called itself. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts `program`, passes signals on to it and returns its exit code, by the convention of shells 128 + the number of the signal that ended it.
 * Rejects if it cannot be started.
 */
export const runChild = (program: string, args: readonly string[], options: SpawnOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    const forward = (signal: NodeJS.Signals): void => {
      child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const settle = (): void => {
      for (const signal of FORWARDED) process.off(signal, forward)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      settle()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
