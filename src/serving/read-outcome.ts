/** From what a caller sent to an outcome. */
import { describe } from '../core/event/describe.ts'
import { readEventTime, type TimeRules } from '../core/event/event-time.ts'
import { identifierOf } from '../core/event/identifier.ts'
import { statedValue } from '../core/event/stated-value.ts'
import { Failure } from '../core/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'

/** What is said of an event: by its id, which output foretold it and what the true value is. */
export interface Outcome {
  readonly id: string
  readonly output: string
  readonly value: number | boolean
}

/** As long as an event's id and a model's output may be. */
const MAX_ID_LENGTH = 512
const MAX_NAME_LENGTH = 256

const unfit = (path: string, value: JsonValue | undefined, expected: string): Failure => {
  const seen = value === undefined ? 'missing' : describe(value)
  return new Failure('invalid_parameter', `${path} is ${seen}, expected ${expected}`, path)
}

/** The id that an outcome names; `null` where it names none. */
export const outcomeId = (value: JsonValue): string | null => {
  const id = isJsonObject(value) ? identifierOf(value.id) : null
  return id === null || id.length > MAX_ID_LENGTH ? null : id
}

const outputOf = ({ output }: JsonObject): string => {
  if (typeof output !== 'string' || output === '' || output.length > MAX_NAME_LENGTH)
    throw unfit('output', output, 'the name of the output that foretold it')
  return output
}

const truthOf = ({ value }: JsonObject): number | boolean => {
  const read = typeof value === 'bigint' ? Number(value) : value
  if (typeof read !== 'boolean' && !(typeof read === 'number' && Number.isFinite(read)))
    throw unfit('value', value, 'a number, true or false')
  return read
}

/**
 * Reads an outcome; `timePath` of the rules is not looked at. Throws a Failure that names the field: `invalid_parameter`, or for
 * `occurred_at`, which may be absent, what `readEventTime` throws.
 */
export const readOutcome = (given: JsonValue, rules: TimeRules): Outcome => {
  if (!isJsonObject(given))
    throw new Failure('invalid_parameter', `an outcome is a JSON object; this is ${describe(given)}`)
  const id = outcomeId(given)
  if (id === null) throw unfit('id', given.id, `the id of an event, of at most ${MAX_ID_LENGTH} characters`)
  const outcome = { id, output: outputOf(given), value: truthOf(given) }
  if (statedValue(given.occurred_at) !== undefined) readEventTime(given, { ...rules, timePath: 'occurred_at' })
  return outcome
}
