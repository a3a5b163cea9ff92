/** Daylight saving: by how many hours life is ahead of what training saw at the same hour of UTC. */
import { offsetSeconds } from '../time/zones.ts'

/** The zones of the mainland that change first and last, and their seconds from UTC in winter. Arizona and Hawaii never change: 3 % of the population. */
const ZONES = [
  ['America/New_York', -18_000],
  ['America/Los_Angeles', -28_800],
] as const
const MILLISECONDS_PER_DAY = 86_400_000
/** Days that are looked at of a longer training span. */
const MAX_DAYS = 3660

/** Least and greatest number of hours that clocks of the United States are put on: they differ for the three hours that a change takes. */
export interface SummerHours {
  readonly least: number
  readonly greatest: number
}

/** Each 0 or 1. Throws a RangeError for what is no instant. */
export const summerHours = (epochMilliseconds: number): SummerHours => {
  const hours = ZONES.map(([zone, winter]) => (offsetSeconds(zone, epochMilliseconds) === winter ? 0 : 1))
  return { least: Math.min(...hours), greatest: Math.max(...hours) }
}

/** The share of the days between two instants (epoch ms) on which daylight saving was on, in [0, 1]. */
export const summerShare = (from: number, to: number): number => {
  const days = Math.min(MAX_DAYS, Math.max(1, Math.floor((to - from) / MILLISECONDS_PER_DAY)))
  let summer = 0
  for (let day = 0; day < days; day++) summer += summerHours(from + (day * (to - from)) / days).least
  return summer / days
}
