/** One archived event, as one line of elasticdump's form: what was sent, what it was answered with, and nothing of who sent it. */
import { withoutSentAt } from '../core/event/sent-at.ts'
import { isJsonObject, type JsonObject, type JsonValue, valueAt } from '../core/json.ts'
import type { Prediction, PredictionOfLog } from './answers.ts'
import { MAX_DEPTH } from './json-scan.ts'
import { jsonText } from './json-text.ts'

export const ARCHIVE_LINE_FORMAT = 1
/** To read a line with: what was sent lies a level deeper in it, and two where it had something under `nearcast`. */
export const MAX_LINE_DEPTH = MAX_DEPTH + 2
export const ARCHIVE_INDEX = 'nearcast-events'

export interface ArchivedEvent {
  readonly id: string
  /** The flat object that was sent, or what the hit held. */
  readonly record: JsonObject
  /** The keys by which the stated time is reached inside `record`. */
  readonly timeKeys: readonly string[]
  /** Where a zip is read from, dotted: that of the edge is written there. */
  readonly zipPath: string
  readonly prediction: Prediction
  readonly message: string
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** What the sender's clock showed when it sent, as the event or the body around it said; `null` when neither did. */
  readonly sentAt: JsonValue
  readonly isBot: boolean
  /** The trace it came with; `null` for none. */
  readonly traceId: string | null
  /** The dead letter it was replayed from. */
  readonly letter: string | null
}

/** What the system added to a record, under `nearcast`. */
export interface ArchiveNote {
  readonly format: typeof ARCHIVE_LINE_FORMAT
  readonly message: string
  readonly received_at: number
  readonly sent_at?: JsonValue
  /** What stood where the instant that was used stands now. */
  readonly stated_time?: JsonValue
  /** What the sender had put under `nearcast`. */
  readonly original?: JsonValue
  readonly bot?: true
  /** 32 hexadecimal digits. */
  readonly trace_id?: string
  readonly letter?: string
}

/** An archived event as it is read back. */
export interface ArchiveLine {
  readonly id: string
  readonly record: JsonObject
  readonly note: ArchiveNote
  /** As it was answered; `id` is the event's. */
  readonly prediction: PredictionOfLog
}

/** `record` with `value` at the end of `keys`, which lead somewhere in it; the record itself is left as it is. */
const replaced = (record: JsonObject, keys: readonly string[], value: JsonValue): JsonObject => {
  const [key, ...rest] = keys
  if (key === undefined) return record
  const inner = record[key]
  return { ...record, [key]: rest.length === 0 || !isJsonObject(inner) ? value : replaced(inner, rest, value) }
}

/** The instant is not the one the event states. */
const isMoved = ({ event_time }: Prediction): boolean =>
  event_time.method !== 'stated' && event_time.method !== 'confirmed'

/**
 * The line of an event, without its newline. `nearcast featurize` reads from the record what the prediction was made of: where the instant is
 * not the stated one it stands in its place, with its zone, so that no TIME_UNIT misreads it; a zip of the edge stands where one is read from.
 */
export const archiveLine = (archived: ArchivedEvent): string => {
  const { id, record, timeKeys, zipPath, prediction, message, receivedAt, sentAt, isBot, traceId, letter } = archived
  const { id: _, ...answer } = prediction
  const { nearcast: original, ...sent } = record
  // Sent again from the archive, it would be taken for a clock that is as slow as the event is old.
  const own = timeKeys[0] === 'sent_at' ? sent : withoutSentAt(sent, undefined)
  const moved = isMoved(prediction)
  const stated = moved ? valueAt(record, timeKeys) : undefined
  const timed = moved ? replaced(own, timeKeys, new Date(prediction.event_time.epoch_ms).toISOString()) : own
  const source = prediction.zip_source === 'edge' ? { ...timed, [zipPath]: prediction.zip } : timed
  const note: ArchiveNote = {
    format: ARCHIVE_LINE_FORMAT,
    message,
    received_at: receivedAt,
    ...(sentAt === null ? {} : { sent_at: sentAt }),
    ...(stated === undefined ? {} : { stated_time: stated }),
    ...(original === undefined ? {} : { original }),
    ...(isBot ? { bot: true } : {}),
    ...(traceId === null ? {} : { trace_id: traceId }),
    ...(letter === null ? {} : { letter }),
  }
  const nearcast = { ...note, ...answer } as unknown as JsonObject
  return jsonText({ _index: ARCHIVE_INDEX, _id: id, _source: { ...source, nearcast } })
}

/** The parts of a line that was parsed; `null` for what is no archived event of a format this code knows. */
export const readArchiveLine = (value: JsonValue): ArchiveLine | null => {
  if (!isJsonObject(value) || typeof value._id !== 'string' || !isJsonObject(value._source)) return null
  const { nearcast, ...record } = value._source
  if (!isJsonObject(nearcast) || nearcast.format !== ARCHIVE_LINE_FORMAT) return null
  const { format, message, received_at, sent_at, stated_time, original, bot, trace_id, letter, ...answer } = nearcast
  const note = {
    ...{ format, message, received_at, sent_at, stated_time },
    ...{ original, bot, trace_id, letter },
  } as unknown as ArchiveNote
  return { id: value._id, record, note, prediction: { ...answer, id: value._id } as unknown as PredictionOfLog }
}
