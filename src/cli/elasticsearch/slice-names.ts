/** What a slice of time is called: in messages, and as the name of its part. */

import type { ClosedRange } from './plan-slices.ts'
import { WITHOUT_TIME } from './queries.ts'
import type { TimeField } from './time-field.ts'

/** The last instant that has a date of four digits' year. */
const LAST_NAMED = Date.UTC(9999, 11, 31)

const instantName = (value: number, { perMillisecond }: TimeField): string => {
  const epochMilliseconds = value / perMillisecond
  const isNamed = epochMilliseconds >= 0 && epochMilliseconds < LAST_NAMED
  return isNamed && Number.isInteger(epochMilliseconds) ? new Date(epochMilliseconds).toISOString() : String(value)
}

/** An ISO 8601 interval whose end is not included. */
export const sliceName = (slice: ClosedRange | typeof WITHOUT_TIME, field: TimeField): string =>
  slice === WITHOUT_TIME ? WITHOUT_TIME : `${instantName(slice.start, field)}/${instantName(slice.end, field)}`

/** Sorts by time in a listing; letters, digits, `.`, `_` and `-` only: `20241117T210000.000Z_20241117T220000.000Z`. */
export const partName = (slice: ClosedRange | typeof WITHOUT_TIME, field: TimeField): string =>
  slice === WITHOUT_TIME
    ? WITHOUT_TIME
    : [slice.start, slice.end]
        .map((value) => instantName(value, field).replace(/(?<=\d)[-:](?=\d)/g, ''))
        .join('_')
        .replaceAll('+', '')
