/** Outcomes that came with a receipt, on their way to the statistics object that counts them. */
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import { murmur3Text } from '../release/unit-hash.ts'
import { type Foretold, type Label, MAX_LABELS, misfitOf, type Truth } from './foretold.ts'

export interface ScoredOutcome {
  /** A hash of its id, a whole number in [0, 2^52). */
  readonly event: number
  readonly model: string
  readonly version: string
  readonly output: string
  readonly foretold: Foretold
  readonly truth: Truth
  /** When it was foretold, and when its receipt ends; epoch milliseconds. */
  readonly at: number
  readonly until: number
}

/** `repeated`: an outcome of this output of this version was counted for the event before. */
export type ScoredFate = 'counted' | 'repeated'

const MAX_SCORED = 10_000
const MAX_TEXT = 512
/** Any two numbers. */
const [SEED, SECOND_SEED] = [0x73636f72, 0x9e3779b9]

/** 52 bits that stand for the one outcome that an event has for an output of a version. */
export const outcomeKey = ({ event, model, version, output }: Omit<ScoredOutcome, 'foretold' | 'truth'>): number => {
  const text = `${event} ${model}@${version} ${output}`
  return murmur3Text(text, SEED) * 2 ** 20 + (murmur3Text(text, SECOND_SEED) >>> 12)
}

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`scored outcomes: ${path} is ${quote(value)}, expected ${expected}`)

const text = (value: unknown, path: string): string => {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT)
    throw wrong(path, value, `a text of 1 to ${MAX_TEXT} characters`)
  return value
}

const whole = (value: unknown, path: string): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw wrong(path, value, 'a whole number from 0')
  return value
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isLabel = (value: unknown): value is Label => typeof value === 'string' || isNumber(value)

/** Throws a `RangeError` that names the place and the value that are wrong. */
export const readForetold = (given: unknown, path: string): Foretold => {
  const { kind, said, labels, probabilities } = isJsonObject(given) ? given : {}
  if (kind === 'probability' || kind === 'value') {
    if (!isNumber(said)) throw wrong(`${path}.said`, said, 'a number')
    return { kind, said }
  }
  if (kind !== 'distribution') throw wrong(`${path}.kind`, kind, 'probability, value or distribution')
  if (!Array.isArray(labels) || labels.length === 0 || labels.length > MAX_LABELS || !labels.every(isLabel))
    throw wrong(`${path}.labels`, labels, `1 to ${MAX_LABELS} texts or numbers`)
  if (!Array.isArray(probabilities) || probabilities.length !== labels.length || !probabilities.every(isNumber))
    throw wrong(`${path}.probabilities`, probabilities, `${labels.length} numbers`)
  return { kind, labels, probabilities }
}

const readOne = (given: unknown, path: string): ScoredOutcome => {
  if (!isJsonObject(given)) throw wrong(path, given, 'an object')
  const { truth } = given
  const output = text(given.output, `${path}.output`)
  const foretold = readForetold(given.foretold, `${path}.foretold`)
  if (!isNumber(truth) && typeof truth !== 'boolean' && typeof truth !== 'string')
    throw wrong(`${path}.truth`, truth, 'a number, a boolean or a text')
  const misfit = misfitOf(output, foretold, truth)
  if (misfit !== null) throw new RangeError(`scored outcomes: ${path}: ${misfit}`)
  return {
    event: whole(given.event, `${path}.event`),
    model: text(given.model, `${path}.model`),
    version: text(given.version, `${path}.version`),
    output,
    foretold,
    truth,
    at: whole(given.at, `${path}.at`),
    until: whole(given.until, `${path}.until`),
  }
}

/** Format 1, `{"format":1,"scored":[…]}`. Throws a `RangeError` that names the place and the value that are wrong. */
export const readScored = (value: unknown): readonly ScoredOutcome[] => {
  const [format, scored] = isJsonObject(value) ? [value.format, value.scored] : []
  if (format !== 1) throw wrong('format', format, '1, the one this code knows')
  if (!Array.isArray(scored) || scored.length > MAX_SCORED) throw wrong('scored', scored, `at most ${MAX_SCORED}`)
  return scored.map((each, index) => readOne(each, `scored[${index}]`))
}

/** The fates of `count` outcomes in a statistics object's answer. Throws a `RangeError` for what this code cannot read. */
export const readScoredReply = (reply: unknown, count: number): readonly ScoredFate[] => {
  const [format, fates] = isJsonObject(reply) ? [reply.format, reply.fates] : []
  if (format !== 1 || !Array.isArray(fates) || fates.length !== count)
    throw new RangeError(`scored outcomes of a shard: format is ${quote(format)}, expected 1 with ${count} fates`)
  return fates.map((fate) => {
    if (fate !== 'counted' && fate !== 'repeated')
      throw new RangeError(`scored outcomes of a shard: a fate is ${quote(fate)}, which this code does not know`)
    return fate
  })
}
