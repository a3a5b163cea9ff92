/** Reads compared events that came from elsewhere: checks every bound, and says what is wrong. */
import { quote } from '../failure.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import {
  type ComparedEvent,
  type ComparedEvents,
  type ComparedOutput,
  hasLoss,
  OUTPUT_KINDS,
} from './compared-events.ts'
import { MAX_JUDGED_OUTPUTS } from './evidence.ts'
import { UNIT_LIMIT } from './votes.ts'

const MAX_NAME_LENGTH = 256

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`compared events: ${path} is ${quote(value)}, expected ${expected}`)

const record = (value: unknown, path: string): JsonObject => {
  if (!isJsonObject(value)) throw wrong(path, value, 'an object')
  return value
}

const list = (value: unknown, path: string, limit: number): readonly unknown[] => {
  if (!Array.isArray(value)) throw wrong(path, value, 'an array')
  if (value.length > limit) throw wrong(`the length of ${path}`, value.length, `at most ${limit}`)
  return value
}

const whole = (value: unknown, path: string, below = Number.MAX_SAFE_INTEGER): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value >= below)
    throw wrong(path, value, `a whole number from 0 below ${below}`)
  return value
}

const finite = (value: unknown, path: string): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, value, 'a number')
  return value
}

const name = (value: unknown, path: string): string => {
  if (typeof value !== 'string' || value.length < 1 || value.length > MAX_NAME_LENGTH)
    throw wrong(path, value, `a text of 1 to ${MAX_NAME_LENGTH} characters`)
  return value
}

const range = (value: unknown, path: string): ComparedOutput['range'] => {
  if (value === null) return null
  const [lowest, highest] = list(value, path, 2).map((bound, index) => finite(bound, `${path}[${index}]`))
  if (lowest === undefined || highest === undefined || highest <= lowest)
    throw wrong(path, value, 'the lowest and a greater highest')
  return [lowest, highest]
}

const output = (value: unknown, path: string): ComparedOutput => {
  const given = record(value, path)
  const kind = OUTPUT_KINDS.find((known) => known === given.kind)
  if (kind === undefined) throw wrong(`${path}.kind`, given.kind, `one of ${OUTPUT_KINDS.join(', ')}`)
  return { name: name(given.name, `${path}.name`), kind, range: range(given.range, `${path}.range`) }
}

const said = (value: unknown, path: string, outputs: readonly ComparedOutput[]): (number | null)[] => {
  const given = list(value, path, outputs.length)
  return outputs.map((each, index) => {
    if (hasLoss(each)) return finite(given[index], `${path}[${index}]`)
    if (given[index] !== null) throw wrong(`${path}[${index}]`, given[index], 'null')
    return null
  })
}

const event = (value: unknown, path: string, outputs: readonly ComparedOutput[]): ComparedEvent => {
  const given = record(value, path)
  return {
    event: whole(given.event, `${path}.event`, UNIT_LIMIT),
    unit: whole(given.unit, `${path}.unit`, UNIT_LIMIT),
    at: whole(given.at, `${path}.at (epoch ms)`),
    canary: said(given.canary, `${path}.canary`, outputs),
    stable: said(given.stable, `${path}.stable`, outputs),
  }
}

/** At most `limit` events. Throws a `RangeError` that names the place and the value that are wrong. */
export const readCompared = (value: unknown, limit: number): ComparedEvents => {
  const given = record(value, 'the canary')
  const outputs = list(given.outputs, 'outputs', MAX_JUDGED_OUTPUTS).map((each, index) =>
    output(each, `outputs[${index}]`),
  )
  return {
    model: name(given.model, 'model'),
    canary: name(given.canary, 'canary'),
    stable: name(given.stable, 'stable'),
    since: whole(given.since, 'since (epoch ms)'),
    outputs,
    events: list(given.events, 'events', limit).map((each, index) => event(each, `events[${index}]`, outputs)),
  }
}
