/** Writes and removes values at dotted paths of a record, leaving the record that was given as it is. */
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'

/** The key that `path` begins with in `record`, and what follows it: a key spelled with its dots wins, as in `readPath`. */
const step = (record: JsonObject, path: string): readonly [string, string | null] => {
  const dot = path.indexOf('.')
  return dot < 0 || Object.hasOwn(record, path) ? [path, null] : [path.slice(0, dot), path.slice(dot + 1)]
}

/** Own keys only, so that `__proto__` is a key like any other. */
const withKey = (record: JsonObject, key: string, value: JsonValue | undefined): JsonObject =>
  Object.fromEntries([...Object.entries(record).filter(([name]) => name !== key), [key, value]])

/** `record` with `value` at `path`. Objects on the way are made; what is no object there makes way. */
export const writePath = (record: JsonObject, path: string, value: JsonValue): JsonObject => {
  const [key, rest] = step(record, path)
  if (rest === null) return Object.hasOwn(record, key) ? replaceKey(record, key, value) : withKey(record, key, value)
  const inner = Object.hasOwn(record, key) ? record[key] : undefined
  const written = writePath(isJsonObject(inner) ? inner : {}, rest, value)
  return inner === undefined ? withKey(record, key, written) : replaceKey(record, key, written)
}

/** In its old place. */
const replaceKey = (record: JsonObject, key: string, value: JsonValue): JsonObject =>
  Object.fromEntries(Object.entries(record).map(([name, old]) => [name, name === key ? value : old]))

/** `record` without what stands at `path`; objects that become empty stay. */
export const removePath = (record: JsonObject, path: string): JsonObject => {
  const [key, rest] = step(record, path)
  if (rest === null) return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
  const inner = Object.hasOwn(record, key) ? record[key] : undefined
  return isJsonObject(inner) ? replaceKey(record, key, removePath(inner, rest)) : record
}
