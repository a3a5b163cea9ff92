/** What `late-arrival` looks at, and which of it may meet in one tree. */
import type { Field } from '../../core/features/feature-view.ts'
import { DEFAULT_PARAMETERS } from '../gbdt/parameters.ts'

/**
 * The event has a time and a zip; these are what the edge can make of them. Where nothing is known of the zip, its coordinates are
 * missing to the model (and the local fields are those of the national mean's zone): it was trained with such rows.
 */
export const LATE_ARRIVAL_FIELDS: readonly Field[] = [
  { name: 'hour_of_day', source: 'time' },
  { name: 'day_of_week', source: 'time' },
  { name: 'local_hour_of_day', source: 'local_time' },
  { name: 'local_day_of_week', source: 'local_time' },
  { name: 'local_minute_of_day', source: 'local_time' },
  { name: 'utc_offset_hours', source: 'local_time' },
  { name: 'latitude', source: 'zip', default: null },
  { name: 'longitude', source: 'zip', default: null },
]

const PLACE = ['latitude', 'longitude', 'local_minute_of_day', 'local_hour_of_day']
const WEEK = ['hour_of_day', 'day_of_week']

/**
 * Place and local clock may meet in one tree, for that is a timetable; the week stands apart. In the thirteen weeks of training each
 * weekday is thirteen days of weather: trees that may combine weekday, hour and place learn those days by heart. The offset stands alone
 * since summer time moves it: what winter taught of "five hours west" is another place's lesson in May.
 */
export const LATE_ARRIVAL_GROUPS = [PLACE, WEEK, ['local_day_of_week'], ['utc_offset_hours']]

/** Chosen on the validation month: see the card. The learning rate is high because the number of leaves is bounded by what a cold start may cost. */
export const LATE_ARRIVAL_PARAMETERS = { ...DEFAULT_PARAMETERS, learningRate: 0.5, groups: LATE_ARRIVAL_GROUPS }

/** Each row of training has this chance to be seen as if its zip were unknown. */
export const UNKNOWN_ZIP_SHARE = 0.02

/** A choice of features to try on the validation month. */
export interface Variant {
  readonly name: string
  readonly groups: readonly (readonly string[])[]
}

const without = (...names: string[]) =>
  LATE_ARRIVAL_GROUPS.map((group) => group.filter((name) => !names.includes(name)))

export const LATE_ARRIVAL_VARIANTS: readonly Variant[] = [
  { name: 'UTC hour and weekday only', groups: [WEEK] },
  { name: 'the same with latitude and longitude', groups: [[...WEEK, 'latitude', 'longitude']] },
  { name: 'without local_minute_of_day', groups: without('local_minute_of_day') },
  { name: 'without utc_offset_hours', groups: without('utc_offset_hours') },
  {
    name: 'utc_offset_hours may meet the place',
    groups: [[...PLACE, 'utc_offset_hours'], WEEK, ['local_day_of_week']],
  },
  { name: 'without weekdays', groups: without('day_of_week', 'local_day_of_week') },
  { name: 'without latitude and longitude', groups: without('latitude', 'longitude') },
  { name: 'all fields may meet in one tree', groups: [LATE_ARRIVAL_FIELDS.map(({ name }) => name)] },
]
