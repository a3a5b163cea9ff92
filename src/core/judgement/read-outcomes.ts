/** Reads outcomes that came from elsewhere: checks their format and every bound, and says what is wrong. */
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import type { ReportedOutcome } from './outcomes.ts'
import { UNIT_LIMIT } from './votes.ts'

const MAX_NAME_LENGTH = 256
/** As many as the configuration lets one request have events. */
const MAX_OUTCOMES = 10_000

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`outcomes: ${path} is ${quote(value)}, expected ${expected}`)

/** Added later: code that does not know it joins by the event alone. */
const readAnswered = (given: unknown, path: string): Pick<ReportedOutcome, 'answered'> => {
  if (given === undefined) return {}
  const { model, version, said } = isJsonObject(given) ? given : {}
  if (typeof model !== 'string' || typeof version !== 'string' || typeof said !== 'number')
    throw wrong(path, given, 'a model, a version and what it said')
  return { answered: { model, version, said } }
}

const readOne = (given: unknown, path: string): ReportedOutcome => {
  if (!isJsonObject(given)) throw wrong(path, given, 'an object')
  const { event, output, value } = given
  if (typeof event !== 'number' || !Number.isSafeInteger(event) || event < 0 || event >= UNIT_LIMIT)
    throw wrong(`${path}.event`, event, `a whole number from 0 below ${UNIT_LIMIT}`)
  if (typeof output !== 'string' || output.length > MAX_NAME_LENGTH)
    throw wrong(`${path}.output`, output, `a text of at most ${MAX_NAME_LENGTH} characters`)
  if (typeof value !== 'boolean' && !(typeof value === 'number' && Number.isFinite(value)))
    throw wrong(`${path}.value`, value, 'a number or a boolean')
  return { event, output, value, ...readAnswered(given.answered, `${path}.answered`) }
}

/** Format 1, `{"format":1,"outcomes":[…]}`. Throws a `RangeError` that names the place and the value that are wrong. */
export const readOutcomes = (value: unknown): readonly ReportedOutcome[] => {
  const [format, outcomes] = isJsonObject(value) ? [value.format, value.outcomes] : []
  if (format !== 1) throw wrong('format', format, '1, the one this code knows')
  if (!Array.isArray(outcomes) || outcomes.length > MAX_OUTCOMES)
    throw wrong('outcomes', outcomes, `an array of at most ${MAX_OUTCOMES}`)
  return outcomes.map((each, index) => readOne(each, `outcomes[${index}]`))
}
