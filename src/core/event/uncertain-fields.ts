/** Which calendar fields of an event may be wrong because its instant is not known exactly. */
import { offsetSeconds } from '../time/zones.ts'
import type { WarningCode } from '../warning.ts'

const HOUR = 3_600_000
const DAY = 86_400_000

const UTC_FIELDS = {
  hour: ['hour_of_day_uncertain'],
  day: ['day_of_week_uncertain', 'day_of_year_uncertain'],
} as const satisfies Record<string, readonly WarningCode[]>

/** By the field of a feature view that each speaks of. */
const LOCAL_FIELDS = {
  hour: [['local_hour_of_day', 'local_hour_of_day_uncertain']],
  day: [
    ['local_day_of_week', 'local_day_of_week_uncertain'],
    ['local_day_of_year', 'local_day_of_year_uncertain'],
  ],
} as const satisfies Record<string, readonly (readonly [string, WarningCode])[]>

/** The units whose boundaries lie in (first, last], both in milliseconds of one clock. */
const crossed = (first: number, last: number): readonly ('hour' | 'day')[] => [
  ...(Math.floor(first / HOUR) === Math.floor(last / HOUR) ? [] : (['hour'] as const)),
  ...(Math.floor(first / DAY) === Math.floor(last / DAY) ? [] : (['day'] as const)),
]

/**
 * A warning for each time feature that is not the same all over `epochMilliseconds` ± `uncertaintyMilliseconds`: the UTC hour and days, which
 * every answer has; of the local ones those among `fields`, by the clock of the IANA `zone`, where it is known. Minutes are not spoken of:
 * hardly an instant is certain to the minute.
 */
export const uncertainFields = (
  epochMilliseconds: number,
  uncertaintyMilliseconds: number,
  zone: string | undefined,
  fields: readonly string[],
): WarningCode[] => {
  const first = epochMilliseconds - uncertaintyMilliseconds
  const last = epochMilliseconds + uncertaintyMilliseconds
  const warnings: WarningCode[] = crossed(first, last).flatMap((unit) => [...UTC_FIELDS[unit]])
  const firstOffset = zone === undefined ? undefined : offsetSeconds(zone, first)
  const lastOffset = zone === undefined ? undefined : offsetSeconds(zone, last)
  if (firstOffset === undefined || lastOffset === undefined) return warnings
  for (const unit of crossed(first + firstOffset * 1000, last + lastOffset * 1000)) {
    for (const [field, warning] of LOCAL_FIELDS[unit]) if (fields.includes(field)) warnings.push(warning)
  }
  return warnings
}
