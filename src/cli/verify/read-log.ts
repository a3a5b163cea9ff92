/** Reads logged predictions: one answer a line, single, batch, or with its event; or an archived event. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { loggedPredictionSchema } from '../../protocol/answers.ts'
import { type ArchiveLine, MAX_LINE_DEPTH, readArchiveLine } from '../../protocol/archive-line.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { UsageError } from '../command.ts'
import { byteStream } from '../featurize/input/byte-stream.ts'
import type { LoggedPrediction } from './recompute.ts'

/** An item error stands for an event that was not predicted. */
export type LogEntry = LoggedPrediction | 'item error'

const isItemError = (value: JsonObject): boolean => isJsonObject(value.error) && value.outputs === undefined

const readPrediction = (value: JsonValue, event: JsonObject | undefined): LogEntry => {
  if (isJsonObject(value) && isItemError(value)) return 'item error'
  const result = loggedPredictionSchema.safeParse(value)
  if (result.success) return { prediction: result.data, event }
  const issue = result.error.issues[0]
  throw new Error(`not a prediction: ${issue?.path.join('.')} ${issue?.message}`)
}

/** An archived event with what it was answered. Its record is the one that was sent: what the sender had named `nearcast` is put back. */
const readArchived = ({ record, note, prediction }: ArchiveLine): LogEntry => {
  const event = note.original === undefined ? record : { ...record, nearcast: note.original }
  return readPrediction(prediction as unknown as JsonObject, event)
}

/**
 * What one line holds: a prediction, a batch `{"predictions":[…]}`, `{"event":{…},"prediction":{…}}`, or an archived event, a hit with
 * `_source.nearcast`. Throws an Error that says what is wrong.
 */
export const readEntries = (line: string): LogEntry[] => {
  const value = parseJson(line, undefined, MAX_LINE_DEPTH)
  if (!isJsonObject(value)) throw new Error('expected an object')
  if (Array.isArray(value.predictions)) return value.predictions.map((one) => readPrediction(one, undefined))
  if (isJsonObject(value.prediction)) {
    return [readPrediction(value.prediction, isJsonObject(value.event) ? value.event : undefined)]
  }
  const archived = readArchiveLine(value)
  return [archived === null ? readPrediction(value, undefined) : readArchived(archived)]
}

/** The bytes of `file`, decompressed where they are compressed. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  for await (const { bytes } of byteStream(input, file, new AbortController().signal)) yield bytes
}

/** Every entry of `file` (`-` is standard input; gzip and zstd are recognised), in order. Throws a UsageError that names file and line. */
export async function* readLog(file: string): AsyncGenerator<LogEntry> {
  const input = Readable.from(bytesOf(file), { objectMode: false })
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (line.trim() !== '') yield* readEntries(line)
    }
  } catch (cause) {
    throw new UsageError(`${file}, line ${number}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
