/** Compares the scanner with JSON.parse on generated and mutated documents, one by one, as lines, and in a list. */
import { isDeepStrictEqual } from 'node:util'
import { type Random, seededRandom } from '../../bench/random.ts'
import type { JsonValue } from '../../src/core/json.ts'
import { compilePaths } from '../../src/core/scan/paths.ts'
import { RecordReader } from '../../src/core/scan/records.ts'
import type { Rows } from '../../src/core/scan/rows.ts'
import { scanRecord } from '../../src/core/scan/scan-record.ts'
import { Scanner } from '../../src/core/scan/scanner.ts'
import { readValue } from '../../src/core/scan/values.ts'
import { makeDocument } from './documents.ts'
import { mutate } from './mutate.ts'
import { expectedValue, MAX_DEPTH, parseBytes, parseExact, structureOf } from './reference.ts'

const PATHS = [
  ...'a b a.b a.b.c b.c c.d a.a.a createdDateTime @timestamp zipCode geo.lat é ü.ß 名前 😀.a . a. .a'.split(' '),
  ...'__proto__ constructor __proto__.a 0 _source _source.a fields.a quote"d back\\slash'.split(' '),
  ...['', 'tab\t', 'nul\u0000', 'x'.repeat(16), 'y'.repeat(64), 'y'.repeat(65), 'z'.repeat(129)],
]
const OUTER_PATHS = ['_id', 'a', 'a.b', '_source', '_source.b', 'fields']
const CAPACITY_BYTES = 2 ** 20
const GROUP = 512

export interface Comparison {
  readonly documents: number
  /** Documents that JSON.parse accepts. */
  readonly accepted: number
  readonly bytes: number
}

const valuesOf = (rows: Rows, row: number): (JsonValue | undefined)[] =>
  Array.from({ length: PATHS.length + OUTER_PATHS.length }, (_, value) =>
    readValue(rows.bytes, rows.kind(row, value), rows.valueStart(row, value), rows.valueEnd(row, value), parseExact),
  )

const expectedValues = (value: JsonValue): (JsonValue | undefined)[] => [
  ...PATHS.map((path) => expectedValue(value, path, false)),
  ...OUTER_PATHS.map((path) => expectedValue(value, path, true)),
]

const refuse = (what: string, bytes: Uint8Array, more: unknown): never => {
  throw new Error(`${what}\n${JSON.stringify(Buffer.from(bytes).toString('latin1'))}\n${String(more)}`)
}

const expectValues = (what: string, bytes: Uint8Array, rows: Rows, row: number, expected: readonly unknown[]): void => {
  const found = valuesOf(rows, row)
  const index = found.findIndex(
    (value, at) => !Object.is(value, expected[at]) && !isDeepStrictEqual(value, expected[at]),
  )
  if (index < 0) return
  const path = [...PATHS, ...OUTER_PATHS][index]
  refuse(
    `${what}: another value at ${JSON.stringify(path)}`,
    bytes,
    [found[index], expected[index]].map(String).join(' | '),
  )
}

/** What one document must be found to be, however it is fed. */
interface Verdict {
  readonly bytes: Buffer
  readonly sound: boolean
  readonly values: readonly (JsonValue | undefined)[] | undefined
}

/** Scans one document loosely and strictly, and holds both against JSON.parse. */
const judge = (loose: Scanner, strict: Scanner, bytes: Buffer): Verdict => {
  const value = parseBytes(bytes)
  const structure = structureOf(bytes)
  const isAllowed = value !== undefined && structure.depth <= MAX_DEPTH
  const expected = isAllowed ? expectedValues(value) : undefined

  const strictRows = scanRecord(strict, bytes)
  if (strictRows.isSound(0) !== isAllowed) refuse('strict and JSON.parse disagree', bytes, strictRows.faultCode(0))
  if (value !== undefined && !isAllowed && strictRows.faultCode(0) !== 'too_deep') {
    refuse('too deep and called something else', bytes, strictRows.faultCode(0))
  }
  if (expected !== undefined) expectValues('strict', bytes, strictRows, 0, expected)

  const rows = scanRecord(loose, bytes)
  const sound = rows.isSound(0)
  if (isAllowed && !sound) refuse('refused without need', bytes, rows.faultCode(0))
  if (sound && !structure.isSound) refuse('accepted with a broken structure', bytes, '')
  if (sound && structure.depth > MAX_DEPTH) refuse('accepted too deep', bytes, structure.depth)
  if (expected !== undefined) expectValues('loose', bytes, rows, 0, expected)
  // Asked values are valid even where the rest of the record is not: none of these may throw.
  return { bytes, sound, values: sound ? valuesOf(rows, 0) : undefined }
}

/** Feeds `input` in chunks of random sizes and calls `visit` with each row in turn. Returns the number of rows. */
const readAll = (
  random: Random,
  format: 'ndjson' | 'array',
  input: Buffer,
  visit: (rows: Rows, row: number, index: number) => void,
): number => {
  const reader = new RecordReader({
    paths: PATHS,
    outerPaths: OUTER_PATHS,
    format,
    capacityBytes: CAPACITY_BYTES,
    chunkBytes: 64 + random.below(4000),
  })
  let index = 0
  const take = (batches: Iterable<Rows>): void => {
    for (const rows of batches) for (let row = 0; row < rows.count; row++) visit(rows, row, index++)
  }
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + random.below(5000)
    take(reader.feed(input.subarray(at, end)))
    at = end
  }
  reader.end()
  take(reader.batches())
  return index
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)

/** As lines of one input, each document must be found as it is alone, whatever its neighbours are. */
const compareLines = (random: Random, group: readonly Verdict[]): void => {
  const lines = group.filter(({ bytes }) => !bytes.includes(0x0a) && !isBlank(bytes))
  const input = Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from(random.pick(['\n', '\r\n', '\n\n']))]))
  const count = readAll(random, 'ndjson', input, (rows, row, index) => {
    const { bytes, sound, values } = lines[index] as Verdict
    if (rows.isSound(row) !== sound) refuse('another verdict among lines', bytes, rows.faultCode(row))
    if (values !== undefined) expectValues('line', bytes, rows, row, values)
  })
  if (count !== lines.length) refuse('lines lost or made up', input, `${count} of ${lines.length}`)
}

/** As elements of one list, the documents that have structure must be found as they are alone. */
const compareList = (random: Random, group: readonly Verdict[]): void => {
  const elements = group.filter(({ sound }) => sound)
  const list = elements.flatMap(({ bytes }, index) => [
    Buffer.from(index === 0 ? '' : random.pick([',', ' ,\n'])),
    bytes,
  ])
  const input = Buffer.concat([Buffer.from(' ['), ...list, Buffer.from('] ')])
  const count = readAll(random, 'array', input, (rows, row, index) => {
    const { bytes, values } = elements[index] as Verdict
    if (!rows.isSound(row)) refuse('refused in a list', bytes, rows.faultCode(row))
    if (values !== undefined) expectValues('element', bytes, rows, row, values)
  })
  if (count !== elements.length) refuse('elements lost or made up', input, `${count} of ${elements.length}`)
}

/** Compares `count` documents, the same for the same `seed`. Throws at the first difference, with the document. */
export const compareWithJsonParse = (count: number, seed: number, progress?: (done: number) => void): Comparison => {
  const random = seededRandom(seed)
  const plan = compilePaths(PATHS, OUTER_PATHS)
  const loose = new Scanner(plan, { capacityBytes: CAPACITY_BYTES })
  const strict = new Scanner(plan, { capacityBytes: CAPACITY_BYTES, strict: true })
  let accepted = 0
  let bytes = 0
  for (let done = 0; done < count; ) {
    const group: Verdict[] = []
    for (; group.length < GROUP && done < count; done++) {
      const whole = makeDocument(random)
      const document = random.chance(0.5) ? mutate(random, whole) : whole
      bytes += document.length
      const verdict = judge(loose, strict, document)
      if (strict.rows.isSound(0)) accepted++
      group.push(verdict)
    }
    compareLines(random, group)
    compareList(random, group)
    progress?.(done)
  }
  return { documents: count, accepted, bytes }
}
