/** From what a caller sent to an event: flat, or an Elasticsearch hit. */
import { Failure } from '../failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { describe } from './describe.ts'
import { readEventTime, type TimeRules } from './event-time.ts'
import { identifierOf } from './identifier.ts'
import { ownSentAt } from './sent-at.ts'
import { readUnit } from './unit.ts'
import { readZip, type ZipState } from './zip-code.ts'

export interface EventRules extends TimeRules {
  readonly zipPath?: string | undefined
  readonly unitPath?: string | undefined
}

export interface ClickEvent {
  readonly id: string | null
  /** What sticks to one model version. */
  readonly unit: string | null
  /** The stated time. When it was sent is not looked at: see `settleTime`. */
  readonly epochMilliseconds: number
  /** False when the event says `now`: the same bytes sent again are then another event. */
  readonly hasOwnTime: boolean
  /** The keys by which the stated time is reached inside `record`, for example `['createdDateTime']`. */
  readonly timeKeys: readonly string[]
  /** Where it stands in what was sent, dotted, for example `_source.createdDateTime`. */
  readonly timePlace: string
  /** What the event itself says of the sender's clock when it was sent, unread. */
  readonly sentAt: JsonValue | undefined
  /** Five digits, or `null` unless `zipState` is `valid`. */
  readonly zip: string | null
  readonly zipState: ZipState
  /** The caller's own JSON: the flat object, or what the hit holds. */
  readonly record: JsonObject
}

/** Elasticsearch allows an `_id` 512 bytes ("_id field", 9.x reference), so no real hit is refused. Cutting would make two events one. */
const MAX_ID_LENGTH = 512
const ID_FIELDS = ['event_id', 'id', '_id'] as const

/** The record inside an Elasticsearch hit, and the field of the hit that holds it. */
interface Hit {
  readonly record: JsonObject
  readonly holder: '_source' | 'fields'
}

/**
 * What is a hit: an object whose `_source` is an object; or, as searches with `_source: false` answer, one with an `_id` or `_index` whose
 * `fields` are all arrays, of which those of one value stand for that value.
 */
const asHit = (value: JsonObject): Hit | undefined => {
  if (isJsonObject(value._source)) return { record: value._source, holder: '_source' }
  const { fields } = value
  if (!isJsonObject(fields) || (value._id === undefined && value._index === undefined)) return undefined
  const record: [string, JsonValue | undefined][] = []
  for (const [name, values] of Object.entries(fields)) {
    if (!Array.isArray(values)) return undefined
    record.push([name, values.length === 1 ? values[0] : values])
  }
  return { record: Object.fromEntries(record), holder: 'fields' }
}

const firstIdentifier = (record: JsonObject): string | null => {
  for (const field of ID_FIELDS) {
    const id = identifierOf(record[field])
    if (id !== null) return id
  }
  return null
}

const idOf = (value: JsonObject, hit: Hit | undefined): string | null =>
  hit === undefined ? firstIdentifier(value) : (identifierOf(value._id) ?? firstIdentifier(hit.record))

/**
 * The id that `value` gives itself: a hit's `_id`, else `event_id`, `id` or `_id`; `null` where there is none or it is longer than 512
 * characters. Never throws: it names the event in the error of one that could not be read.
 */
export const readEventId = (value: JsonValue): string | null => {
  if (!isJsonObject(value)) return null
  const id = idOf(value, asHit(value))
  return id === null || id.length > MAX_ID_LENGTH ? null : id
}

/**
 * Reads an event. Throws a Failure: `not_an_event` for what is no object, a hit whose `_source` is none and an id longer than 512 characters; else what `readEventTime`
 * throws. A missing or malformed zip is no error.
 */
export const readEvent = (value: JsonValue, rules: EventRules): ClickEvent => {
  if (!isJsonObject(value)) {
    throw new Failure('not_an_event', `an event is a JSON object; this is ${describe(value)}`)
  }
  const hit = asHit(value)
  if (hit === undefined && value._index !== undefined && value._source !== undefined) {
    throw new Failure(
      'not_an_event',
      `the _source of a hit is an object; this is ${describe(value._source)}`,
      '_source',
    )
  }
  const record = hit === undefined ? value : hit.record
  const id = idOf(value, hit)
  if (id !== null && id.length > MAX_ID_LENGTH) {
    throw new Failure('not_an_event', `the event id is ${id.length} characters long; ${MAX_ID_LENGTH} are allowed`)
  }
  const time = readEventTime(record, rules, hit === undefined ? '' : `${hit.holder}.`)
  const { zip, state } = readZip(record, rules.zipPath)
  return {
    id,
    unit: readUnit(record, id, rules.unitPath),
    epochMilliseconds: time.epochMilliseconds,
    hasOwnTime: time.isOwn,
    timeKeys: time.keys,
    timePlace: time.place,
    sentAt: ownSentAt(record, rules.timePath),
    zip,
    zipState: state,
    record,
  }
}
