/** Reads evidence that came from elsewhere: checks its format and every bound, and says what is wrong. */
import { quote } from '../failure.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { FAULTS } from './counted-failures.ts'
import { type Evidence, MAX_JUDGED_OUTPUTS, VOTE_LIMITS, VOTE_SCALE } from './evidence.ts'
import { thresholdOf, UNIT_BITS, type UnitVotes } from './votes.ts'

const MAX_NAME_LENGTH = 256

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`evidence: ${path} is ${quote(value)}, expected ${expected}`)

const record = (value: unknown, path: string): JsonObject => {
  if (!isJsonObject(value)) throw wrong(path, value, 'an object')
  return value
}

const whole = (value: unknown, path: string, least: number, greatest: number): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > greatest)
    throw wrong(path, value, `a whole number from ${least} to ${greatest}`)
  // JSON has a -0, and -0 is no other vote than 0.
  return value + 0
}

const name = (value: unknown, path: string): string => {
  if (typeof value !== 'string' || value.length < 1 || value.length > MAX_NAME_LENGTH)
    throw wrong(path, value, `a text of 1 to ${MAX_NAME_LENGTH} characters`)
  return value
}

const column = (value: unknown, path: string, length: number, least: number, greatest: number): number[] => {
  if (!Array.isArray(value)) throw wrong(path, value, 'an array')
  if (value.length !== length) throw wrong(`the length of ${path}`, value.length, `${length}, as many as units`)
  return value.map((item, index) => whole(item, `${path}[${index}]`, least, greatest))
}

const votes = (value: unknown, path: string, limit: number, least: number, greatest: number): UnitVotes => {
  const given = record(value, path)
  const level = whole(given.level, `${path}.level`, 0, UNIT_BITS)
  const length = Array.isArray(given.units) ? given.units.length : 0
  if (length > limit) throw wrong(`the number of units of ${path}`, length, `at most ${limit}`)
  const units = column(given.units, `${path}.units`, length, 0, thresholdOf(level) - 1)
  for (let index = 1; index < length; index++)
    if ((units[index] as number) <= (units[index - 1] as number))
      throw wrong(`${path}.units[${index}]`, units[index], `more than the unit before, ${units[index - 1]}`)
  return {
    level,
    units,
    at: column(given.at, `${path}.at`, length, 0, Number.MAX_SAFE_INTEGER),
    values: column(given.values, `${path}.values`, length, least, greatest),
  }
}

const failures = (value: unknown): UnitVotes => {
  const read = votes(value, 'failures', VOTE_LIMITS.failures, -FAULTS.length, FAULTS.length)
  const none = read.values.indexOf(0)
  if (none >= 0) throw wrong(`failures.values[${none}]`, 0, 'a side: it is not 0')
  return read
}

const outputs = (value: unknown): Evidence['outputs'] => {
  const entries = Object.entries(record(value, 'outputs'))
  if (entries.length > MAX_JUDGED_OUTPUTS)
    throw wrong('the number of outputs', entries.length, `at most ${MAX_JUDGED_OUTPUTS}`)
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const path = `outputs[${quote(key)}]`
      const given = record(item, path)
      return [
        name(key, 'a key of outputs'),
        {
          shift: votes(given.shift, `${path}.shift`, VOTE_LIMITS.shift, -VOTE_SCALE, VOTE_SCALE),
          constant: votes(given.constant, `${path}.constant`, VOTE_LIMITS.constant, 0, 1),
        },
      ]
    }),
  )
}

const readFormat1 = (given: JsonObject): Evidence => ({
  format: 1,
  model: name(given.model, 'model'),
  canary: name(given.canary, 'canary'),
  stable: name(given.stable, 'stable'),
  since: whole(given.since, 'since (epoch ms)', 0, Number.MAX_SAFE_INTEGER),
  failures: failures(given.failures),
  decisions: votes(given.decisions, 'decisions', VOTE_LIMITS.decisions, 0, 1),
  outcomes: votes(given.outcomes, 'outcomes', VOTE_LIMITS.outcomes, -VOTE_SCALE, VOTE_SCALE),
  latency: votes(given.latency, 'latency', VOTE_LIMITS.latency, 0, 1),
  outputs: outputs(given.outputs),
})

/**
 * The evidence, holding nothing but what its format knows. An older format this code still accepts is a case of its own here. Throws a
 * `RangeError` that names the place and the value that are wrong.
 */
export const readEvidence = (value: unknown): Evidence => {
  const given = record(value, 'the evidence')
  switch (given.format) {
    case 1:
      return readFormat1(given)
    default:
      throw wrong('format', given.format, '1')
  }
}
