/** Which days and which hour of the archive a command means. */
import { HOUR_FORM, isDay } from '../../protocol/archive-keys.ts'
import { UsageError } from '../command.ts'

const DAY_MILLISECONDS = 86_400_000

export interface Span {
  readonly days: readonly string[]
  readonly hour: string | null
}

const readDay = (flag: string, text: string): number => {
  const at = isDay(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) {
    throw new UsageError(`${flag} ${text}: expected a day such as 2026-11-25`)
  }
  return at
}

/** Throws a UsageError for what is no day, no hour, or a span that ends before it begins. */
export const readSpan = (flags: {
  readonly day?: string | undefined
  readonly to?: string | undefined
  readonly hour?: string | undefined
}): Span => {
  if (flags.day === undefined) throw new UsageError('name the day, UTC: --day 2026-11-25')
  const first = readDay('--day', flags.day)
  const last = flags.to === undefined ? first : readDay('--to', flags.to)
  if (last < first) throw new UsageError(`--to ${flags.to} lies before --day ${flags.day}`)
  const hour = flags.hour?.padStart(2, '0') ?? null
  if (hour !== null && !HOUR_FORM.test(hour)) throw new UsageError(`--hour ${flags.hour}: expected 00 to 23`)
  if (hour !== null && last > first) throw new UsageError('--hour wants a single day, without --to')
  const count = (last - first) / DAY_MILLISECONDS + 1
  const dayAt = (index: number): string => new Date(first + index * DAY_MILLISECONDS).toISOString().slice(0, 10)
  return { days: Array.from({ length: count }, (_, index) => dayAt(index)), hour }
}
