/** Which hours of the archive a run of compaction looks at. */
import type { ArchiveHour } from '../../protocol/archive-keys.ts'

const HOUR_MILLISECONDS = 3_600_000
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS

const hourAt = (epochMilliseconds: number): ArchiveHour =>
  new Date(epochMilliseconds).toISOString().slice(0, 13).replace('T', '/')

/** The start of the newest hour whose end is older than `afterMilliseconds`. */
export const newestHour = (now: number, afterMilliseconds: number): number =>
  Math.floor((now - afterMilliseconds) / HOUR_MILLISECONDS - 1) * HOUR_MILLISECONDS

/** The `count` hours that end with the one that starts at `newest`, newest first. */
export const recentHours = (newest: number, count: number): ArchiveHour[] =>
  Array.from({ length: count }, (_, index) => hourAt(newest - index * HOUR_MILLISECONDS))

/**
 * The hours of one day of those from `firstDay` (`2026-11-25`) to before `end`, epoch milliseconds: another one each hour, until all have
 * had their turn.
 */
export const hoursInTurn = (firstDay: string, end: number, now: number): ArchiveHour[] => {
  const first = Date.parse(`${firstDay}T00:00:00Z`)
  const days = Math.ceil((end - first) / DAY_MILLISECONDS)
  if (days <= 0) return []
  const start = first + (Math.floor(now / HOUR_MILLISECONDS) % days) * DAY_MILLISECONDS
  const hours = Array.from({ length: 24 }, (_, index) => start + index * HOUR_MILLISECONDS)
  return hours.filter((hour) => hour < end).map(hourAt)
}
