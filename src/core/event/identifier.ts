/** A JSON scalar as an identifier. */
import { isJsonObject, type JsonValue } from '../json.ts'
import { statedValue } from './stated-value.ts'

/**
 * `value` as text: strings as they are, numbers in their decimal digits, a MongoDB `{"$oid": "…"}` as its digits.
 * `null` where nothing stands or what stands identifies nothing (a boolean, an object).
 */
export const identifierOf = (value: JsonValue | undefined): string | null => {
  const inner = statedValue(value)
  switch (typeof inner) {
    case 'string':
      return inner
    case 'number':
    case 'bigint':
      return inner.toString()
    default:
      return isJsonObject(inner) && typeof inner.$oid === 'string' && inner.$oid.trim() !== '' ? inner.$oid : null
  }
}
