/** Names a JSON value in an error message. */
import { quote } from '../failure.ts'
import type { JsonValue } from '../json.ts'

/** `value` in words; what is compound is named, not printed. */
export const describe = (value: JsonValue): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'bigint') return `the number ${quote(value)}`
  // JSON.stringify would print what JSON cannot hold (1e400 is read as Infinity) as null.
  return typeof value === 'number' ? `the number ${value}` : `the ${typeof value} ${quote(value)}`
}
