/** Large bodies: at the limits of bytes, events and nesting, and shapes that make a careless parser slow. */
import type { Random } from '../../bench/random.ts'
import { type Body, CONTENT_TYPES } from './bodies-arbitrary.ts'

const EVENT = '{"createdDateTime":1731880381293,"zipCode":"94107"}'

const repeated = (piece: string, bytes: number): string => piece.repeat(Math.max(1, Math.ceil(bytes / piece.length)))

/** Texts of about `bytes` bytes. */
const SHAPES: readonly ((bytes: number) => string)[] = [
  (bytes) => `{"createdDateTime":1731880381293,"text":"${'x'.repeat(bytes)}"}`,
  (bytes) => `{"createdDateTime":1731880381293,"text":"${repeated('\\u00e9', bytes)}"}`,
  (bytes) => `{"createdDateTime":1731880381293,"text":"${repeated('\\\\', bytes)}"}`,
  (bytes) => `{"createdDateTime":"${'x'.repeat(bytes)}"}`,
  (bytes) => `{"createdDateTime":${'1'.repeat(bytes)}}`,
  (bytes) => `[${repeated(`${EVENT},`, bytes)}${EVENT}]`,
  (bytes) => `{"events":[${repeated(`${EVENT},`, bytes)}${EVENT}]}`,
  (bytes) => repeated(`${EVENT}\n`, bytes),
  (bytes) => `[${repeated('0,', bytes)}0]`,
  (bytes) => `[${repeated('12345678901234567890,', bytes)}0]`,
  (bytes) => `{"createdDateTime":1731880381293,${repeated('"a":{},', bytes)}"b":0}`,
  (bytes) => `{${Array.from({ length: bytes / 10 }, (_, index) => `"${index}":0`).join()}}`,
  (bytes) => repeated('[', bytes),
  (bytes) => repeated('{"a":', bytes),
  (bytes) => repeated('"', bytes),
  (bytes) => repeated('\\', bytes),
  (bytes) => repeated('\n', bytes),
  (bytes) => repeated(' ', bytes) + EVENT,
  (bytes) => repeated('{}\n', bytes),
  (bytes) => repeated('{"createdDateTime"\n', bytes),
  (bytes) => `${EVENT}${repeated(',', bytes)}`,
  (bytes) => repeated('名', bytes / 3),
]

const SIZES = [1_000, 10_000, 64_000, 65_536, 100_000, 1_000_000] as const

/** `limit`: the most a body may have, bytes; one in three is about as large. */
export const makeLargeBody = (random: Random, limit: number): Body => {
  const atLimit = random.chance(0.3)
  const size = atLimit ? limit - 60 + random.below(120) : random.pick(SIZES)
  const bytes = Buffer.from(random.pick(SHAPES)(size))
  // Cut to the very byte, which no repetition meets.
  const exact = atLimit ? bytes.subarray(0, limit - 2 + random.below(5)) : bytes
  return { bytes: exact, contentType: random.pick(CONTENT_TYPES), batch: random.chance(0.5) }
}
