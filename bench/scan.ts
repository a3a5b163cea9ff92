/** Prints how fast records are scanned, one thread, next to JSON.parse line by line: `npx node bench/scan.ts [MEGABYTES]`. */
import { cpus } from 'node:os'
import { Kind } from '../src/core/scan/codes.ts'
import { RecordReader } from '../src/core/scan/records.ts'
import { readNumber, readString } from '../src/core/scan/values.ts'
import { makeLines, RECORD_SIZES } from './records.ts'

const megabytes = Number(process.argv[2] ?? 64)
const RUNS = 5
const SEED = 1

/** What a feature table asks for: the usual fields of an event, and two of its own. */
const PATHS = [
  'createdDateTime',
  '@timestamp',
  'timestamp',
  'zipCode',
  'zip',
  'postalCode',
  'session_id',
  'cart.value',
  'device',
]
const OUTER_PATHS = ['_id', 'event_id', 'id']
const ZIP = PATHS.indexOf('zipCode')
const TIMES = [0, 1, 2] as const

/** Sums the times and the lengths of the zips, so that they are really read. */
type Reading = (input: Buffer) => { readonly rows: number; readonly sum: number }

const timeLength = (value: unknown): number => String(value).length

const scanned =
  (strict: boolean): Reading =>
  (input) => {
    const reader = new RecordReader({ paths: PATHS, outerPaths: OUTER_PATHS, strict })
    let rows = 0
    let sum = 0
    for (const batch of reader.feed(input)) {
      for (let row = 0; row < batch.count; row++) {
        if (!batch.isSound(row)) throw new Error(`row ${rows + row}: ${batch.faultCode(row)}`)
        for (const time of TIMES) {
          if (batch.kind(row, time) === Kind.absent) continue
          const start = batch.valueStart(row, time)
          const end = batch.valueEnd(row, time)
          const isNumber = batch.kind(row, time) === Kind.number
          sum += timeLength(isNumber ? readNumber(batch.bytes, start, end) : readString(batch.bytes, start, end))
          break
        }
        sum += readString(batch.bytes, batch.valueStart(row, ZIP), batch.valueEnd(row, ZIP)).length
      }
      rows += batch.count
    }
    return { rows, sum }
  }

const parsed: Reading = (input) => {
  let rows = 0
  let sum = 0
  for (let start = 0; start < input.length; rows++) {
    const end = input.indexOf(10, start)
    const source = JSON.parse(input.toString('utf8', start, end))._source
    sum += timeLength(source.createdDateTime ?? source['@timestamp'] ?? source.timestamp)
    sum += source.zipCode.length
    start = end + 1
  }
  return { rows, sum }
}

/** The same records as one array. */
const asArray = (lines: Buffer): Buffer => {
  const array = Buffer.from(lines)
  for (let at = array.indexOf(10); at >= 0 && at < array.length - 1; at = array.indexOf(10, at + 1)) array[at] = 0x2c
  return Buffer.concat([Buffer.from('['), array, Buffer.from(']')])
}

interface Way {
  readonly name: string
  readonly form: 'lines' | 'array'
  readonly reading: Reading
}

const WAYS: readonly Way[] = [
  { name: 'scan lines', form: 'lines', reading: scanned(false) },
  { name: 'scan an array', form: 'array', reading: scanned(false) },
  { name: 'scan lines strictly', form: 'lines', reading: scanned(true) },
  { name: 'JSON.parse lines', form: 'lines', reading: parsed },
]

console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${megabytes} MB a size, seed ${SEED}, best of ${RUNS}, one thread`,
)
const table = RECORD_SIZES.flatMap((size) => {
  const part = makeLines(size, 1000, SEED)
  const input = Buffer.concat(Array.from({ length: Math.ceil((megabytes * 1e6) / part.length) }, () => part))
  const inputs = { lines: input, array: asArray(input) }
  const sums = new Set<number>()
  const results = WAYS.map(({ name, form, reading }) => {
    let best = Number.POSITIVE_INFINITY
    let rows = 0
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now()
      const result = reading(inputs[form])
      best = Math.min(best, performance.now() - start)
      rows = result.rows
      sums.add(result.sum)
    }
    const bytesPerRecord = Math.round(input.length / rows)
    return {
      size,
      bytesPerRecord,
      reading: name,
      'MB/s': Math.round(input.length / best / 1e3),
      'rows/s': Math.round((rows / best) * 1e3),
    }
  })
  if (sums.size !== 1) throw new Error(`the readings of ${size} differ: ${[...sums].join(', ')}`)
  return results
})
console.table(table)
