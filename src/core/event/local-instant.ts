/** From a wall-clock time in a zone to the instant it names. */
import { offsetSeconds } from '../time/zones.ts'

const DAY_MILLISECONDS = 86_400_000

/**
 * The instant, in epoch milliseconds, at which clocks in the IANA `zone` show `localMilliseconds` (a wall-clock time read as if it were
 * UTC); `undefined` where the zone is unknown. A time that occurs twice as clocks go back is the earlier instant; one that is skipped as
 * they go forward is moved on by the skip (02:30 becomes 03:30), as Temporal's `compatible` does (TC39 Temporal, "Ambiguity").
 */
export const instantOfLocal = (zone: string, localMilliseconds: number): number | undefined => {
  // Offsets are below a day, so these two are in force before and after whatever transition is near.
  const before = offsetSeconds(zone, localMilliseconds - DAY_MILLISECONDS)
  const after = offsetSeconds(zone, localMilliseconds + DAY_MILLISECONDS)
  if (before === undefined || after === undefined) return undefined
  const byBefore = localMilliseconds - before * 1000
  if (before === after || offsetSeconds(zone, byBefore) === before) return byBefore
  const byAfter = localMilliseconds - after * 1000
  return offsetSeconds(zone, byAfter) === after ? byAfter : byBefore
}
