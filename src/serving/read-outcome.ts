/** From what a caller sent to an outcome. */
import type { Truth } from '../core/accuracy/foretold.ts'
import { describe } from '../core/event/describe.ts'
import { readEventTime, type TimeRules } from '../core/event/event-time.ts'
import { identifierOf } from '../core/event/identifier.ts'
import { statedValue } from '../core/event/stated-value.ts'
import { Failure } from '../core/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'

/** What is said of an event: which output foretold it and what the true value is. */
export type Outcome = { readonly output: string } & (
  | { readonly id: string; readonly value: number | boolean }
  /** `id`: the one beside the receipt, where there is one. */
  | { readonly receipt: string; readonly id: string | null; readonly value: Truth }
)

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

/** The label of a distribution may be a text; without a receipt nothing says what the labels are. */
const labelOf = (given: JsonObject): Truth => {
  const { value } = given
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH ? value : truthOf(given)
}

const receiptOf = ({ receipt }: JsonObject): string | null => {
  if (receipt === undefined || receipt === null) return null
  if (typeof receipt !== 'string') throw unfit('receipt', receipt, 'the receipt of a prediction, a text')
  return receipt
}

/**
 * Reads an outcome; `timePath` of the rules is not looked at. Throws a Failure that names the field: `invalid_parameter`, or for
 * `occurred_at`, which may be absent, what `readEventTime` throws.
 */
export const readOutcome = (given: JsonValue, rules: TimeRules): Outcome => {
  if (!isJsonObject(given))
    throw new Failure('invalid_parameter', `an outcome is a JSON object; this is ${describe(given)}`)
  const receipt = receiptOf(given)
  const id = outcomeId(given)
  const isNamed = receipt === null || (given.id !== undefined && given.id !== null)
  if (id === null && isNamed)
    throw unfit('id', given.id, `the id of an event, of at most ${MAX_ID_LENGTH} characters, or its receipt`)
  const output = outputOf(given)
  const outcome: Outcome =
    receipt === null ? { id: id ?? '', output, value: truthOf(given) } : { receipt, id, output, value: labelOf(given) }
  if (statedValue(given.occurred_at) !== undefined) readEventTime(given, { ...rules, timePath: 'occurred_at' })
  return outcome
}
