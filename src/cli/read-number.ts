/** Numbers from the command line, each within its bounds. */
import { UsageError } from './command.ts'

const DECIMAL = /^\d+(\.\d+)?$/

/** A number from `least` to `most`. Throws a UsageError that names the flag. */
export const readNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`--${flag} ${text}: expected a number from ${least} to ${most}`)
}

/** A whole number from `least` to `most`. Throws a UsageError that names the flag. */
export const readCount = (flag: string, text: string, least: number, most: number): number => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`--${flag} ${text}: expected a whole number from ${least} to ${most}`)
}
