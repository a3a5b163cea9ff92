/** What a field says, where documents may leave it blank. */
import type { JsonValue } from '../json.ts'

/** The value of a field, or `undefined` where it says nothing: absent, `null`, a blank string. */
export const statedValue = (value: JsonValue | undefined): JsonValue | undefined => {
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' && value.trim() === '' ? undefined : value
}
