/** Which fields of a feature view are explained together: those that cannot be told apart without making up an event that cannot be. */
import type { Field } from '../features/feature-view.ts'

export interface FieldGroup {
  readonly name: string
  /** Columns of the feature vector, ascending. */
  readonly columns: readonly number[]
}

/** Local and UTC fields of one cycle belong together: an hour of the day here is one there. */
const CYCLES: Readonly<Record<string, string>> = {
  hour_of_day: 'time_of_day',
  minute_of_day: 'time_of_day',
  local_hour_of_day: 'time_of_day',
  local_minute_of_day: 'time_of_day',
  day_of_week: 'day_of_week',
  local_day_of_week: 'day_of_week',
  day_of_year: 'day_of_year',
  local_day_of_year: 'day_of_year',
  utc_offset_hours: 'zip',
}

const groupOf = ({ name, source }: Field): string => {
  if (source === 'zip') return 'zip'
  return source === 'time' || source === 'local_time' ? (CYCLES[name] ?? name) : name
}

/** Groups of `fields` in order of their first column: cycles of time, the zip, and every other field for itself. */
export const fieldGroups = (fields: readonly Field[]): readonly FieldGroup[] => {
  const groups = new Map<string, number[]>()
  fields.forEach((field, column) => {
    const name = groupOf(field)
    const columns = groups.get(name)
    if (columns === undefined) groups.set(name, [column])
    else columns.push(column)
  })
  return [...groups].map(([name, columns]) => ({ name, columns }))
}
