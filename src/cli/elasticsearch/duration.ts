/** Lengths of time as people write them on a command line. */
import { UsageError } from '../command.ts'

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `30s`, `5m`, `1h`, `1d` in milliseconds. Throws a UsageError that names `flag` for anything else, and for nothing at all. */
export const parseDuration = (text: string, flag: string): number => {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? []
  const milliseconds = Number(count) * (MILLISECONDS[unit] ?? 0)
  if (milliseconds > 0) return milliseconds
  throw new UsageError(`${flag} ${text}: expected a length of time such as 30s, 5m, 1h or 1d`)
}
