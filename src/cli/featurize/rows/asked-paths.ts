/** Which paths of a record are asked of the scanner, and where in a row each answer stands. */
import { type OutputColumn, readsZip } from '../columns.ts'
import type { RecordRules } from '../plan.ts'

/** Where the event reader looks (src/core/event); the differential test fails when it looks elsewhere. */
const TIME_FIELDS = ['createdDateTime', '@timestamp', 'timestamp']
const ZIP_FIELDS = ['zipCode', 'zip', 'postalCode']
const ID_FIELDS = ['event_id', 'id', '_id']
/** What makes a record a hit. */
const OUTER_FIELDS = ['_id', '_index', 'fields']

export interface AskedPaths {
  readonly paths: readonly string[]
  readonly outerPaths: readonly string[]
  /** Numbers of values in a row, the one that wins first. */
  readonly times: readonly number[]
  readonly zips: readonly number[]
  readonly ids: readonly number[]
  /** All of `paths`. */
  readonly all: readonly number[]
  /** What event fields, distances and labels read. */
  readonly own: readonly number[]
  /** `_id`, `_index` and `fields` beside the record. */
  readonly outerId: number
  readonly outerIndex: number
  readonly outerFields: number
}

const ownPaths = (columns: readonly OutputColumn[]): string[] =>
  columns.flatMap((column) => {
    if (column.source === 'label') return [column.path]
    if (column.source !== 'event') return []
    const { field } = column
    if (field.source === 'event') return [field.path ?? field.name]
    return field.source === 'distance' && field.from !== undefined ? [field.from] : []
  })

/** Zips are asked for only where some column depends on them. `readZip` without a path looks in the usual fields, also when it is asked for the origin of a distance. */
export const askedPaths = (rules: RecordRules, columns: readonly OutputColumn[]): AskedPaths => {
  const times = rules.timePath === undefined ? TIME_FIELDS : [rules.timePath]
  const zips = !readsZip(columns) ? [] : rules.zipPath === undefined ? ZIP_FIELDS : [rules.zipPath]
  const own = ownPaths(columns)
  const paths = [...new Set([...times, ...zips, ...ID_FIELDS, ...own])]
  const numbers = (names: readonly string[]): number[] => names.map((name) => paths.indexOf(name))
  return {
    paths,
    outerPaths: OUTER_FIELDS,
    times: numbers(times),
    zips: numbers(zips),
    ids: numbers(ID_FIELDS),
    all: numbers(paths),
    own: [...new Set(numbers(own))],
    outerId: paths.length,
    outerIndex: paths.length + 1,
    outerFields: paths.length + 2,
  }
}
