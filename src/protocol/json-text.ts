/** JSON text of a value that may hold bigints, written as the bare integers they were read from. */
import type { JsonValue } from '../core/json.ts'

/** `JSON.rawJSON`: "JSON.parse source text access" (TC39 stage 4), in Node 22 and workerd; TypeScript's library does not know it yet. */
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown }

/** `value` as JSON. Without bigints, the usual case, it costs what JSON.stringify costs. */
export const jsonText = (value: JsonValue): string => {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? rawJSON(inner.toString()) : inner))
  }
}
