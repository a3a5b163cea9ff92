/** Reads logged predictions: one answer a line, single, batch, or with its event. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { predictionSchema } from '../../protocol/answers.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { UsageError } from '../command.ts'
import type { LoggedPrediction } from './recompute.ts'

/** An item error stands for an event that was not predicted. */
export type LogEntry = LoggedPrediction | 'item error'

const isItemError = (value: JsonObject): boolean => isJsonObject(value.error) && value.outputs === undefined

const readPrediction = (value: JsonValue, event: JsonObject | undefined): LogEntry => {
  if (isJsonObject(value) && isItemError(value)) return 'item error'
  const result = predictionSchema.safeParse(value)
  if (result.success) return { prediction: result.data, event }
  const issue = result.error.issues[0]
  throw new Error(`not a prediction: ${issue?.path.join('.')} ${issue?.message}`)
}

/**
 * What one line holds: a prediction, a batch `{"predictions":[…]}`, or `{"event":{…},"prediction":{…}}`.
 * Throws an Error that says what is wrong.
 */
export const readEntries = (line: string): LogEntry[] => {
  const value = parseJson(line)
  if (!isJsonObject(value)) throw new Error('expected an object')
  if (Array.isArray(value.predictions)) return value.predictions.map((one) => readPrediction(one, undefined))
  if (isJsonObject(value.prediction)) {
    return [readPrediction(value.prediction, isJsonObject(value.event) ? value.event : undefined)]
  }
  return [readPrediction(value, undefined)]
}

/** Every entry of `file` (`-` is standard input), in order. Throws a UsageError that names file and line. */
export async function* readLog(file: string): AsyncGenerator<LogEntry> {
  const input = file === '-' ? process.stdin : createReadStream(file)
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
