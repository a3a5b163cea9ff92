/** What the columns of a table stand for at the edge. */
import { type Field, LOCAL_TIME_FIELDS, TIME_FIELDS } from '../../core/features/feature-view.ts'

const LOCAL_TIME: ReadonlySet<string> = new Set(LOCAL_TIME_FIELDS)
const TIME: ReadonlySet<string> = new Set([...TIME_FIELDS, 'minute_of_day'])
/** The numbers that every release of the zip data has. */
const ZIP: ReadonlySet<string> = new Set(['latitude', 'longitude'])

/** Columns that `nearcast featurize` writes and that are no features. */
const IDENTITY: ReadonlySet<string> = new Set(['event_id', 'epoch_ms'])
const DAY_OF_YEAR: ReadonlySet<string> = new Set(['day_of_year', 'local_day_of_year'])
const YEAR_MILLISECONDS = 365 * 86_400_000

/** A column by its name: the calendar and the zip, whose further columns are `zipColumns`, have names of their own, all others stand in the event. */
export const fieldOf = (name: string, zipColumns: ReadonlySet<string> = ZIP): Field => {
  if (TIME.has(name)) return { name, source: 'time' }
  if (LOCAL_TIME.has(name)) return { name, source: 'local_time' }
  if (ZIP.has(name)) return { name, source: 'zip', default: null }
  return zipColumns.has(name) ? { name, source: 'zip' } : { name, source: 'event' }
}

/**
 * Why a numeric column is not a feature, or `undefined` if it is one. `spanMilliseconds` is the time between the first and the last row,
 * `undefined` where rows have none.
 */
export const reasonToLeaveOut = (
  name: string,
  label: string,
  time: string | undefined,
  spanMilliseconds: number | undefined,
): string | undefined => {
  if (name === label) return 'the label'
  if (name === time) return 'the time'
  if (IDENTITY.has(name)) return 'names the row'
  if (DAY_OF_YEAR.has(name) && !((spanMilliseconds ?? 0) >= YEAR_MILLISECONDS)) {
    return 'of less than a year it is a trend, not a season'
  }
  return undefined
}
