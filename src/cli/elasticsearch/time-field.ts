/** The field by which an index is cut into slices of time: which it is, and how its numbers relate to instants. */
import type { TimeUnit } from '../../core/event/epoch-number.ts'
import { UsageError } from '../command.ts'
import type { SearchServer } from './search-server.ts'

/** Looked for in this order, as in events. */
const USUAL_FIELDS = ['createdDateTime', '@timestamp', 'timestamp']

const DATES = ['date', 'date_nanos']
const NUMBERS = ['long', 'double', 'unsigned_long']

export interface TimeField {
  readonly name: string
  /** Mapped as a date somewhere: servers then sort and compare in milliseconds. */
  readonly isDate: boolean
  /** How many units of the field's numbers are a millisecond: 1 for dates, 0.001 for seconds. */
  readonly perMillisecond: number
}

const PER_MILLISECOND: Record<TimeUnit, number> = { s: 0.001, ms: 1, us: 1000, ns: 1_000_000 }

const fieldOf = (name: string, types: readonly string[], unit: TimeUnit): TimeField => {
  const isDate = types.some((type) => DATES.includes(type))
  return { name, isDate, perMillisecond: isDate ? 1 : PER_MILLISECOND[unit] }
}

/**
 * The field named by `wanted`, else the first usual one that is mapped as a date or a number. Numbers are taken to be in `unit`. Throws a
 * UsageError where there is no index, or no such field.
 */
export const findTimeField = async (
  server: SearchServer,
  index: string,
  wanted: string | undefined,
  unit: TimeUnit,
  signal: AbortSignal,
): Promise<TimeField> => {
  const candidates = wanted === undefined ? USUAL_FIELDS : [wanted]
  const { indices, types } = await server.fieldTypes(index, candidates, signal)
  if (indices.length === 0) throw new UsageError(`${server.url}: no index matches ${index}`)
  const usable = candidates.find((name) => {
    const found = types.get(name) ?? []
    return found.length > 0 && found.every((type) => DATES.includes(type) || NUMBERS.includes(type))
  })
  if (usable !== undefined) return fieldOf(usable, types.get(usable) ?? [], unit)
  const seen = candidates.map((name) => `${name}: ${types.get(name)?.join(' and ') ?? 'not there'}`).join(', ')
  throw new UsageError(
    `${server.url}/${index}: slices of time want a field mapped as date or long (${seen}); name another with --time-field`,
  )
}
