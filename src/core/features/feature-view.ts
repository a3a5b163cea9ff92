/** What a model asks for: the ordered, versioned list of fields a feature vector is made of. */

export type FieldSource = 'time' | 'local_time' | 'zip' | 'event' | 'distance'

/** One column. `default: null` stands for NaN; no `default` means the mean of the zip data for zip fields and NaN for event fields. */
export interface Field {
  readonly name: string
  /** `time`: UTC calendar; `local_time`: calendar at the zip; `zip`: a zip column; `event`: the caller's JSON; `distance`: great circle, km. */
  readonly source: FieldSource
  /** Where the value stands in the event, dotted (`source: "event"`). */
  readonly path?: string | undefined
  /** The event field that holds the zip the distance is measured from (`source: "distance"`). */
  readonly from?: string | undefined
  /** Stands in when the value is missing. */
  readonly default?: number | string | null | undefined
  /** A string as its index in `categories`, else `unknown`. */
  readonly encoding?: { readonly categories: readonly string[]; readonly unknown: number } | undefined
}

export interface FeatureView {
  readonly version: number
  /** The tz database release behind `local_time` fields, for example `2026b`. */
  readonly tzdata?: string | undefined
  readonly fields: readonly Field[]
}

/** The UTC time features: always computed and returned, whether a model takes them or not. */
export const TIME_FIELDS = ['day_of_year', 'day_of_week', 'hour_of_day'] as const

/** Fields of `source: "local_time"`: the calendar at the zip's time zone, and its offset from UTC in hours. */
export const LOCAL_TIME_FIELDS = [
  'local_day_of_year',
  'local_day_of_week',
  'local_hour_of_day',
  'local_minute_of_day',
  'utc_offset_hours',
] as const
