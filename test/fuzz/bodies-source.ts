/** The bodies of a fuzz run, the same for the same seed: generated, large, and real logs, half of them with bytes changed. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type Random, seededRandom } from '../../bench/random.ts'
import { type Body, bodies, CONTENT_TYPES } from './bodies-arbitrary.ts'
import { makeLargeBody } from './bodies-large.ts'
import { mutate } from './mutate.ts'

/** Generated at once; also the step after which memory is looked at. */
export const CHUNK = 1_000

export const MAX_BODY_BYTES = 4 * 1024 * 1024

const SHARES = { log: 0.1, large: 0.0005, mutated: 0.4, spliced: 0.1 } as const

const DATA = new URL('../../../shared/data/', import.meta.url)
const LOGS = 'elasticsearch/opensearch-sample-logs.ndjson.gz'

const read = (name: string): Buffer[] => {
  const url = new URL(name, DATA)
  if (!existsSync(url)) return []
  const bytes = readFileSync(url)
  return [name.endsWith('.gz') ? gunzipSync(bytes) : bytes]
}

/** Records of real logs, where the data lies beside the repository: whole files first, then the lines of the large one. */
export const readLogs = (): readonly Buffer[] => {
  const small = ['golden-sessions.json', 'elasticsearch/seeds.json', 'elasticsearch/bigint.json'].flatMap(read)
  const lines = read(LOGS).flatMap((bytes) => bytes.toString().split('\n').filter(Boolean).slice(0, 2_000))
  return [...small, ...lines.map((line) => Buffer.from(line))]
}

/** The head of one body and the tail of another. */
const splice = (random: Random, head: Buffer, tail: Buffer): Buffer =>
  Buffer.concat([head.subarray(0, random.below(head.length + 1)), tail.subarray(random.below(tail.length + 1))])

const lengthen = (random: Random, logs: readonly Buffer[]): Buffer => {
  const count = random.chance(0.2) ? 1 + random.below(20) : 1
  return Buffer.concat(
    Array.from({ length: count }, () => random.pick(logs)).flatMap((line) => [
      line,
      Buffer.from(random.pick(['\n', '\r\n'])),
    ]),
  )
}

/** The `index`th chunk of the run with this `seed`. */
export const makeChunk = (seed: number, index: number, logs: readonly Buffer[]): Body[] => {
  const random = seededRandom(seed * 1_000_003 + index)
  const generated = fc.sample(bodies, { numRuns: CHUNK, seed: random.below(2 ** 31) })
  return generated.map((body, place) => {
    const contentType = random.pick(CONTENT_TYPES)
    if (random.chance(SHARES.large)) return makeLargeBody(random, MAX_BODY_BYTES)
    const whole =
      logs.length > 0 && random.chance(SHARES.log) ? { ...body, contentType, bytes: lengthen(random, logs) } : body
    if (!random.chance(SHARES.mutated)) return whole
    const other = generated[(place + 1) % generated.length] as Body
    const bytes = random.chance(SHARES.spliced) ? splice(random, whole.bytes, other.bytes) : mutate(random, whole.bytes)
    return { ...whole, bytes }
  })
}
