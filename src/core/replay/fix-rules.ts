/** Rules, given as data, that repair events before they are replayed. */
import { describe } from '../event/describe.ts'
import type { TimeUnit } from '../event/epoch-number.ts'
import { readInstant } from '../event/event-time.ts'
import { Failure, quote } from '../failure.ts'
import { isJsonObject, type JsonObject, type JsonValue, readPath } from '../json.ts'
import { removePath, writePath } from './record-path.ts'

/** Paths are dotted and lead into the record: of a hit, into what it holds. */
export type FixRule =
  /** Skipped where `from` is absent, or something other than null stands at `to` already. */
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  /** Skipped where `path` is absent or null. `unit` and `zone`: of times that do not name theirs. */
  | {
      readonly op: 'cast'
      readonly path: string
      readonly to: 'number' | 'string' | 'epoch_milliseconds'
      readonly unit?: TimeUnit | undefined
      readonly zone?: string | undefined
    }
  /** `if_missing`: skipped where something other than null stands at `path`. */
  | { readonly op: 'set'; readonly path: string; readonly value: JsonValue; readonly if_missing?: boolean | undefined }
  | {
      readonly op: 'set'
      readonly path: string
      readonly from: 'received_at'
      readonly if_missing?: boolean | undefined
    }

export interface Fixed {
  readonly value: JsonValue
  /** For each rule whether it was applied; else there was nothing for it to do. */
  readonly applied: readonly boolean[]
}

/** Where the record of an event lies, and how it is put back. */
const recordIn = (event: JsonObject): readonly [JsonObject, (record: JsonObject) => JsonObject] => {
  const { _source: source, fields, ...hit } = event
  if (isJsonObject(source)) return [source, (record) => ({ ...event, _source: record })]
  const isHit = event._id !== undefined || event._index !== undefined
  if (isHit && isJsonObject(fields) && Object.values(fields).every(Array.isArray)) {
    // As searches with `_source: false` answer. It becomes a hit with `_source`, which holds the values as they are.
    const entries = Object.entries(fields).map(([name, values]) => [
      name,
      Array.isArray(values) && values.length === 1 ? values[0] : values,
    ])
    return [Object.fromEntries(entries), (record) => ({ ...hit, _source: record })]
  }
  return [event, (record) => record]
}

const toNumber = (value: JsonValue): JsonValue | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string' || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return undefined
  const number = Number(value)
  const isLong = /^\s*[+-]?\d{1,128}\s*$/.test(value) && !Number.isSafeInteger(number)
  if (isLong) return BigInt(value.trim().replace('+', ''))
  return Number.isFinite(number) ? number : undefined
}

const toText = (value: JsonValue): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? undefined : String(value)
}

type Cast = Extract<FixRule, { op: 'cast' }>

/** Throws what `readInstant` throws, and `invalid_parameter` for a value that is not what the rule takes it for. */
const cast = (value: JsonValue, { path, to, unit, zone }: Cast, receivedAt: number): JsonValue => {
  if (to === 'epoch_milliseconds') {
    return readInstant(value, { timeUnit: unit, timeZone: zone, now: () => receivedAt }, path)
  }
  const made = to === 'number' ? toNumber(value) : toText(value)
  if (made !== undefined) return made
  throw new Failure('invalid_parameter', `${path} holds ${describe(value)}, which is no ${to}`, path)
}

const isThere = (value: JsonValue | undefined): value is JsonValue => value !== undefined && value !== null

/** `null`: there is nothing for the rule to do. */
const applyRule = (record: JsonObject, rule: FixRule, receivedAt: number): JsonObject | null => {
  switch (rule.op) {
    case 'rename': {
      const value = readPath(record, rule.from)
      if (value === undefined || isThere(readPath(record, rule.to))) return null
      return writePath(removePath(record, rule.from), rule.to, value)
    }
    case 'cast': {
      const value = readPath(record, rule.path)
      return isThere(value) ? writePath(record, rule.path, cast(value, rule, receivedAt)) : null
    }
    case 'set':
      if (rule.if_missing === true && isThere(readPath(record, rule.path))) return null
      return writePath(record, rule.path, 'value' in rule ? rule.value : receivedAt)
  }
}

/**
 * `event` with `rules` applied in their order; `receivedAt` in epoch milliseconds. Throws a Failure that names the rule (from 1), the path and
 * the value: `not_an_event` for what is no object, `invalid_parameter` and the codes of times for a value that cannot be cast.
 */
export const applyFixes = (event: JsonValue, rules: readonly FixRule[], receivedAt: number): Fixed => {
  if (rules.length === 0) return { value: event, applied: [] }
  if (!isJsonObject(event)) {
    throw new Failure('not_an_event', `no rule can repair ${quote(event)}: an event is a JSON object`)
  }
  const [first, putBack] = recordIn(event)
  let record = first
  const applied = rules.map((rule, index) => {
    try {
      const next = applyRule(record, rule, receivedAt)
      record = next ?? record
      return next !== null
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw new Failure(error.code, `rule ${index + 1}: ${error.message}`, error.path, { cause: error })
    }
  })
  return { value: applied.includes(true) ? putBack(record) : event, applied }
}
