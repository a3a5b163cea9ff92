/** The calendar of one row after the other, in UTC and at the zip. */
import type { Field } from '../../../core/features/feature-view.ts'
import { type CalendarFields, calendarAt } from '../../../core/time/calendar.ts'
import { offsetSeconds } from '../../../core/time/zones.ts'
import type { ZipTable } from '../zip-table.ts'
import type { Batch } from './batch.ts'

/** The value of a column in a row; NaN where it is missing. Rows are asked for in order, each perhaps several times. */
export type RowValue = (batch: Batch, row: number) => number

type Reading = (local: CalendarFields, offsetSeconds: number) => number

/** As src/core/time/zones.ts and src/core/features/compute.ts have them; the differential test compares. */
const LOCAL_READINGS: Record<string, Reading> = {
  local_day_of_year: (local) => local.dayOfYear,
  local_day_of_week: (local) => local.dayOfWeek,
  local_hour_of_day: (local) => local.hourOfDay,
  local_minute_of_day: (local) => local.minuteOfDay,
  utc_offset_hours: (_, offset) => offset / 3_600,
}

const UTC_READINGS: Record<string, (utc: CalendarFields) => number> = {
  day_of_year: (utc) => utc.dayOfYear,
  day_of_week: (utc) => utc.dayOfWeek,
  hour_of_day: (utc) => utc.hourOfDay,
}

const SECOND_MILLISECONDS = 1_000

/** Seconds east of UTC at an event's zip; `undefined` where its time zone is not known. */
export const offsetOfRow = (table: ZipTable, zipKey: number, epochMilliseconds: number): number | undefined => {
  const zone = table.zoneOf(zipKey)
  return zone === undefined ? undefined : offsetSeconds(zone, epochMilliseconds)
}

/** The instant whose UTC calendar is the local one. */
export const shifted = (epochMilliseconds: number, offset: number): number =>
  epochMilliseconds + offset * SECOND_MILLISECONDS

/** What stands for a field whose zip has no time zone. */
export const standIn = ({ default: value }: Field): number => (typeof value === 'number' ? value : Number.NaN)

/** A time feature in UTC, one of the three that every table has. */
export const utcValue = (name: string): RowValue => {
  const reading = UTC_READINGS[name]
  return ({ epochMilliseconds }, row) => reading(calendarAt(epochMilliseconds[row]))
}

/** A field of source `local_time`. */
export const localValue = (field: Field, table: ZipTable): RowValue => {
  const reading = LOCAL_READINGS[field.name]
  const missing = standIn(field)
  return ({ epochMilliseconds, zipKeys }, row) => {
    const epoch = epochMilliseconds[row]
    const offset = offsetOfRow(table, zipKeys[row], epoch)
    return offset === undefined ? missing : reading(calendarAt(shifted(epoch, offset)), offset)
  }
}
