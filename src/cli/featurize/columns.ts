/** The columns of the output: which there are, in what order, and where each gets its values. */
import { type FeatureView, type Field, LOCAL_TIME_FIELDS, TIME_FIELDS } from '../../core/features/feature-view.ts'
import { UsageError } from '../command.ts'

/** What a column holds. `choose`: the first row group decides between boolean, double and text. */
export type ColumnType = 'int32' | 'int64' | 'double' | 'boolean' | 'text' | 'choose'

/** A value of the caller's own JSON, copied as it is: what a model is to learn. */
export interface Label {
  readonly name: string
  readonly path: string
  readonly type: Extract<ColumnType, 'double' | 'boolean' | 'text' | 'choose'>
}

export type OutputColumn = { readonly name: string; readonly type: ColumnType } & (
  | { readonly source: 'id' | 'epoch' | 'calendar' | 'zip_level' }
  /** A field of the calendar at the zip's time zone. */
  | { readonly source: 'local'; readonly field: Field }
  /** The same for all events of a zip. */
  | { readonly source: 'zip'; readonly field: Field }
  /** Anything else that is computed for each event. */
  | { readonly source: 'event'; readonly field: Field }
  | { readonly source: 'label'; readonly path: string }
)

/** Whether any column depends on the zip. */
export const readsZip = (columns: readonly OutputColumn[]): boolean =>
  columns.some((column) => {
    if (column.source === 'event') return column.field.source !== 'event' && column.field.source !== 'time'
    return column.source === 'zip' || column.source === 'zip_level' || column.source === 'local'
  })

export interface ColumnWishes {
  /** The zip data's own columns, and which of them hold strings. */
  readonly zipColumns: readonly string[]
  readonly zipTextColumns: ReadonlySet<string>
  readonly view: FeatureView | undefined
  /** Fields of the view that stay strings. */
  readonly textFields: ReadonlySet<string>
  readonly labels: readonly Label[]
  /** The columns to write; all where `undefined`. */
  readonly only: readonly string[] | undefined
}

const INTEGER_FIELDS: ReadonlySet<string> = new Set([
  'minute_of_day',
  'local_day_of_year',
  'local_day_of_week',
  'local_hour_of_day',
  'local_minute_of_day',
])

const isPlainTime = (field: Field): boolean =>
  field.source === 'time' && TIME_FIELDS.some((name) => name === field.name)

/** Whether every value of the field is a whole number below 2^31, or missing. */
const isWhole = ({ name, source, encoding, default: standIn }: Field): boolean =>
  (source === 'time' || source === 'local_time') &&
  INTEGER_FIELDS.has(name) &&
  encoding === undefined &&
  (typeof standIn !== 'number' || Number.isInteger(standIn))

const sourceOf = (field: Field, isText: boolean): 'local' | 'zip' | 'event' => {
  if (field.source === 'zip') return 'zip'
  return field.source === 'local_time' && field.encoding === undefined && !isText ? 'local' : 'event'
}

const columnOf = (field: Field, isText: boolean): OutputColumn => ({
  name: field.name,
  type: isText ? 'text' : isWhole(field) ? 'int32' : 'double',
  source: sourceOf(field, isText),
  field,
})

const FIXED: readonly OutputColumn[] = [
  { name: 'event_id', type: 'text', source: 'id' },
  { name: 'epoch_ms', type: 'int64', source: 'epoch' },
  ...TIME_FIELDS.map((name): OutputColumn => ({ name, type: 'int32', source: 'calendar' })),
]

const chosen = (columns: readonly OutputColumn[], only: readonly string[]): OutputColumn[] => {
  const unknown = only.filter((name) => !columns.some((column) => column.name === name))
  if (unknown.length > 0) {
    const names = columns.map(({ name }) => name).join(', ')
    throw new UsageError(`--columns: there is no column ${unknown.join(', ')}; there are ${names}`)
  }
  return columns.filter(({ name }) => only.includes(name))
}

/**
 * `event_id`, `epoch_ms`, the three time features, the local ones, the zip data's own columns, `zip_level`, what else the view has, the labels.
 * A field of the view stands where a column of its name would, with the view's own default and encoding. Throws a UsageError for two
 * columns of one name and for a chosen one that does not exist.
 */
export const outputColumns = (wishes: ColumnWishes): OutputColumn[] => {
  const fields = (wishes.view?.fields ?? []).filter((field) => !isPlainTime(field))
  const usual: Field[] = [
    ...LOCAL_TIME_FIELDS.map((name): Field => ({ name, source: 'local_time' })),
    ...wishes.zipColumns.map((name): Field => ({ name, source: 'zip' })),
  ]
  const own = (name: string): Field | undefined => fields.find((field) => field.name === name)
  const others = fields.filter((field) => !usual.some(({ name }) => name === field.name))
  const isText = (field: Field): boolean =>
    wishes.textFields.has(field.name) ||
    (own(field.name) === undefined && field.source === 'zip' && wishes.zipTextColumns.has(field.name))
  const columns: OutputColumn[] = [
    ...FIXED,
    ...usual.map((field) => own(field.name) ?? field).map((field) => columnOf(field, isText(field))),
    { name: 'zip_level', type: 'text', source: 'zip_level' },
    ...others.map((field) => columnOf(field, isText(field))),
    ...wishes.labels.map(({ name, path, type }): OutputColumn => ({ name, type, source: 'label', path })),
  ]
  const names = new Set<string>()
  for (const { name } of columns) {
    if (names.has(name)) throw new UsageError(`two columns are called "${name}"; rename one: --label NAME=PATH`)
    names.add(name)
  }
  return wishes.only === undefined ? columns : chosen(columns, wishes.only)
}
