/** The JSON values a caller may send, and how a dotted path reads one of them. */

export type JsonValue = string | number | boolean | null | bigint | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue | undefined
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads `path` from `record`: a key spelled with its dots wins (Filebeat and ECS documents), else each dot goes one object deeper.
 * Returns `undefined` where nothing stands.
 */
export const readPath = (record: JsonObject, path: string): JsonValue | undefined => {
  if (Object.hasOwn(record, path)) return record[path]
  const dot = path.indexOf('.')
  if (dot < 0) return undefined
  const head = path.slice(0, dot)
  const inner = Object.hasOwn(record, head) ? record[head] : undefined
  return isJsonObject(inner) ? readPath(inner, path.slice(dot + 1)) : undefined
}

/** The keys by which `readPath` reaches what stands at `path`; `undefined` where nothing stands. */
export const keysOfPath = (record: JsonObject, path: string): readonly string[] | undefined => {
  if (Object.hasOwn(record, path)) return [path]
  const dot = path.indexOf('.')
  if (dot < 0) return undefined
  const head = path.slice(0, dot)
  const inner = Object.hasOwn(record, head) ? record[head] : undefined
  const rest = isJsonObject(inner) ? keysOfPath(inner, path.slice(dot + 1)) : undefined
  return rest === undefined ? undefined : [head, ...rest]
}

/** What stands at the end of `keys`, one object deeper with each; `undefined` where nothing stands. */
export const valueAt = (record: JsonObject, keys: readonly string[]): JsonValue | undefined => {
  let value: JsonValue | undefined = record
  for (const key of keys) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}
