/** From an event to one row of a feature view: the only code that does so, at the edge, in training and offline. */
import { distanceKilometres } from '../geo.ts'
import { type JsonObject, type JsonValue, readPath } from '../json.ts'
import { type CalendarFields, calendarAt } from '../time/calendar.ts'
import { type LocalCalendarFields, localCalendarAt } from '../time/zones.ts'
import { type ZipFeatures, zipValue } from '../zip/zip-features.ts'
import type { FeatureView, Field } from './feature-view.ts'

export interface FeatureInput {
  readonly epochMilliseconds: number
  readonly zip: ZipFeatures
  /** What is known of the zips that `distance` fields measure from, in the order of `FeatureComputer.origins`. */
  readonly origins: readonly ZipFeatures[]
  readonly record: JsonObject
}

/** A row of a feature view. Numbers in the view's order (NaN where the field is a string or missing); strings only where a field is one. */
export interface FeatureRows {
  readonly numbers: Float64Array
  readonly strings: (string | null)[] | null
}

export interface FeatureComputer {
  readonly names: readonly string[]
  /** The event fields that hold a zip some `distance` is measured from. */
  readonly origins: readonly string[]
  /** Whether any field may be a string: a category that the graph encodes itself. */
  readonly hasStrings: boolean
  /**
   * Writes the row numbered `row` into `rows` and the name of each field that was not measured into `imputed`.
   * Returns the UTC calendar of the event.
   */
  compute(input: FeatureInput, rows: FeatureRows, row: number, imputed: string[]): CalendarFields
}

interface RowContext {
  readonly input: FeatureInput
  readonly utc: CalendarFields
  local: LocalCalendarFields | undefined
}

/** A field's value; `undefined` where nothing is known of it. `imputed` tells that it was not measured for this very event. */
interface FieldReader {
  read(context: RowContext): JsonValue | undefined
  imputed(input: FeatureInput): boolean
}

const zipIsCoarse = (input: FeatureInput): boolean => input.zip.level !== 'exact'
const never = (): boolean => false

const TIME_READERS: Record<string, (utc: CalendarFields) => number> = {
  day_of_year: (utc) => utc.dayOfYear,
  day_of_week: (utc) => utc.dayOfWeek,
  hour_of_day: (utc) => utc.hourOfDay,
  minute_of_day: (utc) => utc.minuteOfDay,
}

const LOCAL_TIME_READERS: Record<string, (local: LocalCalendarFields) => number> = {
  local_day_of_year: (local) => local.dayOfYear,
  local_day_of_week: (local) => local.dayOfWeek,
  local_hour_of_day: (local) => local.hourOfDay,
  local_minute_of_day: (local) => local.minuteOfDay,
  utc_offset_hours: (local) => local.utcOffsetHours,
}

const localCalendar = (context: RowContext): LocalCalendarFields | undefined => {
  if (context.local === undefined) {
    const zone = zipValue(context.input.zip, 'time_zone')
    if (typeof zone === 'string') context.local = localCalendarAt(zone, context.input.epochMilliseconds)
  }
  return context.local
}

const coordinate = (zip: ZipFeatures, column: 'latitude' | 'longitude'): number => {
  const value = zipValue(zip, column)
  return typeof value === 'number' ? value : Number.NaN
}

const namedReader = <T>(field: Field, readers: Record<string, T>): T => {
  const reader = Object.hasOwn(readers, field.name) ? readers[field.name] : undefined
  if (reader === undefined) {
    throw new Error(
      `field "${field.name}": no ${field.source} field of that name; known: ${Object.keys(readers).join(', ')}`,
    )
  }
  return reader
}

const fieldReader = (field: Field, origins: readonly string[]): FieldReader => {
  switch (field.source) {
    case 'time': {
      const read = namedReader(field, TIME_READERS)
      return { read: (context) => read(context.utc), imputed: never }
    }
    case 'local_time': {
      const read = namedReader(field, LOCAL_TIME_READERS)
      return {
        read: (context) => {
          const local = localCalendar(context)
          return local === undefined ? undefined : read(local)
        },
        imputed: zipIsCoarse,
      }
    }
    case 'zip':
      return {
        // The model's own default, where it has one, is better informed than the mean of the country.
        read: ({ input }) =>
          input.zip.level === 'national_mean' && field.default !== undefined
            ? undefined
            : zipValue(input.zip, field.name),
        imputed: zipIsCoarse,
      }
    case 'event': {
      const path = field.path ?? field.name
      return { read: ({ input }) => readPath(input.record, path), imputed: never }
    }
    case 'distance': {
      const origin = origins.indexOf(field.from ?? '')
      return {
        read: ({ input }) => {
          const from = input.origins[origin]
          if (from === undefined || from.level === 'national_mean' || input.zip.level === 'national_mean')
            return undefined
          return distanceKilometres(
            coordinate(from, 'latitude'),
            coordinate(from, 'longitude'),
            coordinate(input.zip, 'latitude'),
            coordinate(input.zip, 'longitude'),
          )
        },
        imputed: (input) => zipIsCoarse(input) || input.origins[origin]?.level !== 'exact',
      }
    }
  }
}

const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

const finite = (value: number): number => (Number.isFinite(value) ? value : Number.NaN)

/**
 * A raw value as the number a graph takes; NaN where it is none, or too large for a float64. Booleans are 0 and 1; a decimal number in a string
 * is that number.
 */
const asNumber = (value: JsonValue | undefined): number => {
  if (typeof value === 'number') return finite(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return finite(Number(value))
  if (typeof value === 'string' && DECIMAL.test(value)) return finite(Number(value))
  return Number.NaN
}

/**
 * Compiles `view` into code that fills rows. `stringFields` names the fields whose tensor is BYTES: they stay strings.
 * Throws an Error that names the field when the view asks for one that this build cannot compute.
 */
export const compileFeatureView = (
  view: FeatureView,
  stringFields: ReadonlySet<string> = new Set(),
): FeatureComputer => {
  const origins = [...new Set(view.fields.flatMap((field) => (field.source === 'distance' ? [field.from ?? ''] : [])))]
  if (origins.includes(''))
    throw new Error('a field of source "distance" must say in "from" which event field holds the zip')
  const width = view.fields.length
  const columns = view.fields.map((field) => ({
    field,
    ...fieldReader(field, origins),
    text: stringFields.has(field.name),
  }))
  const hasStrings = columns.some((column) => column.text)

  return {
    names: view.fields.map((field) => field.name),
    origins,
    hasStrings,
    compute(input, rows, row, imputed) {
      const context: RowContext = { input, utc: calendarAt(input.epochMilliseconds), local: undefined }
      for (let index = 0; index < width; index++) {
        const column = columns[index] as (typeof columns)[number]
        const { field } = column
        const raw = column.read(context)
        const at = row * width + index
        if (column.text) {
          const known = raw !== undefined && raw !== null && typeof raw !== 'object'
          if (rows.strings !== null) {
            rows.strings[at] = known ? String(raw) : typeof field.default === 'string' ? field.default : null
          }
          rows.numbers[at] = Number.NaN
          if (!known || column.imputed(input)) imputed.push(field.name)
          continue
        }
        let value: number
        if (field.encoding === undefined) value = asNumber(raw)
        else if (typeof raw === 'string') {
          const category = field.encoding.categories.indexOf(raw)
          value = category < 0 ? field.encoding.unknown : category
        } else value = raw === undefined || raw === null ? Number.NaN : field.encoding.unknown
        if (Number.isNaN(value)) {
          if (typeof field.default === 'number') value = field.default
          imputed.push(field.name)
        } else if (column.imputed(input)) imputed.push(field.name)
        rows.numbers[at] = value
      }
      return context.utc
    },
  }
}
