/** Where, within the span a time zone table covers, a later instant finds the same rule at work. */
import { dayOfWeek, lastFirstOfMarch } from './calendar.ts'

/**
 * Moves an instant by whole March-to-February years to the latest such year that ends by `endEpochMilliseconds` (00:00Z on a 1 March)
 * and begins on the same weekday. A yearly rule of the kind "second Sunday of March at 02:00" gives the same offset at both instants.
 * Years that begin in March are equivalent seven ways, not fourteen, so the last eleven of the table hold one of each.
 */
export const equivalentInstant = (epochMilliseconds: number, endEpochMilliseconds: number): number => {
  const start = lastFirstOfMarch(epochMilliseconds)
  const weekday = dayOfWeek(start)
  let candidate = lastFirstOfMarch(endEpochMilliseconds - 1)
  while (dayOfWeek(candidate) !== weekday) candidate = lastFirstOfMarch(candidate - 1)
  return candidate + (epochMilliseconds - start)
}
