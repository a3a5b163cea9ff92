import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { makeRecords } from '../../../bench/records.ts'
import { RecordReader } from '../../../src/core/scan/records.ts'
import type { Rows } from '../../../src/core/scan/rows.ts'
import { readString } from '../../../src/core/scan/values.ts'
import { faults, read, texts } from './read-records.ts'

const SMALL = makeRecords('beacon', 200, 5)
const LARGE = makeRecords('session', 20, 5)

const asPages = (records: readonly object[], space?: number): string => {
  const page = (hits: readonly object[]): object => ({
    took: 3,
    _scroll_id: 'x"{[',
    _shards: { total: 1, hits: [{ hits: [1] }] },
    hits: { total: { value: 10, relation: 'eq' }, max_score: null, hits, more: [{}] },
    aggregations: { hits: { hits: [{ a: 1 }] } },
  })
  const half = records.length / 2
  return [page(records.slice(0, half)), page([]), page(records.slice(half))]
    .map((value) => JSON.stringify(value, null, space))
    .join('\n')
}

const asBulk = (records: readonly object[]): string =>
  records
    .map((record, index) => `{"index":{"_id":"${index}"}}\n${JSON.stringify(record)}\n{"delete":{"_id":"0"}}\n`)
    .join('')

const FORMS: Record<string, readonly [string, (records: readonly object[]) => string]> = {
  lines: ['ndjson', (records) => records.map((record) => `${JSON.stringify(record)}\n`).join('')],
  'lines with CRLF, blank lines and no final line feed': [
    'ndjson',
    (records) => `\r\n${records.map((record) => `  ${JSON.stringify(record)}\t`).join('\r\n\r\n')}`,
  ],
  'an array': ['array', (records) => JSON.stringify(records)],
  'a printed array': ['array', (records) => JSON.stringify(records, null, 1)],
  'an array of one record a line': [
    'array',
    (records) => `[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`,
  ],
  'search pages': ['pages', (records) => asPages(records)],
  'printed search pages': ['pages', (records) => asPages(records, 2)],
  '_bulk pairs': ['bulk', asBulk],
  'printed records': ['sequence', (records) => records.map((record) => JSON.stringify(record, null, 2)).join('\n')],
  'printed records with commas': [
    'sequence',
    (records) => records.map((record) => JSON.stringify(record, null, 2)).join(',\n'),
  ],
}

describe.each(Object.entries(FORMS))('records as %s', (_, [format, write]) => {
  it.each([
    ['small', SMALL, [7, 255, 4096, 1e6]],
    ['large', LARGE, [61, 5000, 1e6]],
  ] as const)('are recognised and found whole, the %s ones, in pieces of any size', (_size, records, sizes) => {
    const input = write(records)
    const bytes = Buffer.from(input)
    for (const pieceBytes of sizes) {
      const reading = read(input, pieceBytes)
      expect(reading.failure).toBeUndefined()
      expect(reading.format).toBe(format)
      expect(texts(reading).map((text) => JSON.parse(text))).toEqual(records)
      for (const { text, offset } of reading.records) {
        expect(bytes.toString('utf8', offset, offset + Buffer.byteLength(text))).toBe(text)
      }
    }
  })
})

describe('the format', () => {
  it.each([
    ['ndjson', '{"a":1}'],
    ['ndjson', ''],
    ['ndjson', '\n \n'],
    ['ndjson', '{"a":1}\n{"a":'],
    ['ndjson', '{"took":3,"hits":5}\n'],
    ['ndjson', '{"timestamp":1,"hits":{"hits":[1]}}\n'],
    ['ndjson', '{"hits":{"hits":1}}'],
    ['ndjson', '{"index":"web"}\n{"index":"web"}'],
    ['ndjson', '{"index":{},"a":1}'],
    ['ndjson', '{"a":[}\n{"a":1}'],
    ['bulk', '{"index":{}}\n{"a":1}'],
    ['bulk', '{"create":{"_index":"i"}}\n'],
    ['pages', '{"hits":{"hits":[]}}'],
    ['pages', '{"took":1,"hits":{"total":1,"hits":[{"a":'],
    ['array', ' \n[]'],
    ['sequence', '{\n"a":1}'],
    ['sequence', '{"a":1,\n"b":'],
  ])('is %s for %j', (format, input) => {
    expect(read(input).format).toBe(format)
  })

  it.each([
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0])],
    ['CSV', Buffer.from('id,time\n1,2\n')],
    ['UTF-16', Buffer.from([0xff, 0xfe, 0x7b, 0])],
    ['a number', Buffer.from('17')],
  ])('is none for %s', (_, input) => {
    expect(read(input, 1).failure).toEqual(['not_json', 0])
  })

  it('may be named, and is then not looked for', () => {
    expect(texts(read('{"hits":{"hits":[]}}', 1e6, { format: 'ndjson' }))).toEqual(['{"hits":{"hits":[]}}'])
  })

  it.each(['ndjson', 'array', undefined] as const)('may have a byte order mark before it (%s)', (format) => {
    const text = format === 'array' ? '[{"a":1}]' : '{"a":1}\n'
    for (const pieceBytes of [1, 2, 100]) {
      const reading = read(`\ufeff${text}`, pieceBytes, { format })
      expect(reading.records).toMatchObject([{ text: '{"a":1}', fault: 'none', line: 1 }])
    }
  })
})

describe('_bulk pairs', () => {
  it('tell the action of each document', () => {
    const reader = new RecordReader({ paths: ['a'], outerPaths: ['_id'] })
    const input =
      '{"index":{"_id":"x","_index":"i"}}\n{"a":1,"create":{}}\n{"delete":{"_id":9}}\n{"create":{}}\n{"a":2}\n'
    const found: unknown[] = []
    for (const rows of reader.feed(Buffer.from(input))) {
      for (let row = 0; row < rows.count; row++) {
        if (!reader.isAction(row)) continue
        const { id, index } = reader.actionValues(row)
        const text = (value: number): string | undefined =>
          rows.kind(row, value) === 0
            ? undefined
            : Buffer.from(rows.bytes.subarray(rows.valueStart(row, value), rows.valueEnd(row, value))).toString()
        found.push([text(id), text(index), row + 1 < rows.count && !reader.isAction(row + 1)])
      }
    }
    expect(reader.format).toBe('bulk')
    expect(found).toEqual([
      ['"x"', '"i"', true],
      ['9', undefined, false],
      [undefined, undefined, true],
    ])
    expect(() => reader.actionValues(1)).toThrow(RangeError)
  })

  it('refuse a line that is no action, and find the next one', () => {
    const input = '{"index":{}}\n{"a":1}\n{"a":2}\n{"a":\n7\n{"index":{}}\n{"a":3}\n'
    for (const pieceBytes of [1, 20, 100]) {
      expect(faults(read(input, pieceBytes))).toEqual([
        'none',
        'not_an_action',
        'unexpected_end',
        'not_an_action',
        'none',
      ])
    }
  })
})

describe('a reader', () => {
  it('lends the room that a file is read to', () => {
    const input = Buffer.from(SMALL.map((record) => `${JSON.stringify(record)}\n`).join(''))
    const reader = new RecordReader({ paths: ['createdDateTime'], chunkBytes: 1000, capacityBytes: 4096 })
    let count = 0
    for (let at = 0; at < input.length; ) {
      const copied = input.copy(reader.room(), 0, at)
      at += copied
      reader.filled(copied)
      for (const rows of reader.batches()) count += rows.count
    }
    expect(count).toBe(SMALL.length)
  })

  it('refuses a record that is longer than its memory', () => {
    const record = `{"a":"${'x'.repeat(5000)}"}`
    expect(read(`{"a":1}\n${record}\n`, 100, { capacityBytes: 4096 }).failure).toEqual(['record_too_large', 8])
    expect(texts(read(`{"a":1}\n${record}\n`, 100, { capacityBytes: 8192 }))).toEqual(['{"a":1}', record])
  })

  it('fills its rows more than once where a chunk holds more records', () => {
    const input = Array.from({ length: 20_000 }, (_, index) => `{"a":${index}}\n`).join('')
    for (const form of [input, `[${input.trim().replaceAll('\n', ',')}]`]) {
      expect(texts(read(form, 1e6, { chunkBytes: 1e6 })).map((text) => JSON.parse(text).a)).toEqual(
        Array.from({ length: 20_000 }, (_, index) => index),
      )
    }
  })
})

const LOGS = new URL('../../../../shared/data/elasticsearch/opensearch-sample-logs.ndjson.gz', import.meta.url)

it.skipIf(!existsSync(LOGS))('14,074 real web-log documents give the times that JSON.parse gives', () => {
  const input = gunzipSync(readFileSync(LOGS))
  const reader = new RecordReader({ paths: ['timestamp', 'geo.dest'], strict: true })
  const found: string[][] = []
  const take = (batches: Iterable<Rows>): void => {
    for (const rows of batches) {
      for (let row = 0; row < rows.count; row++) {
        expect(rows.faultCode(row)).toBe('none')
        found.push(
          [0, 1].map((value) => readString(rows.bytes, rows.valueStart(row, value), rows.valueEnd(row, value))),
        )
      }
    }
  }
  take(reader.feed(input))
  reader.end()
  take(reader.batches())
  const lines = input.toString().trim().split('\n')
  expect(found).toHaveLength(14_074)
  expect(found).toEqual(lines.map((line) => JSON.parse(line)).map(({ timestamp, geo }) => [timestamp, geo.dest]))
})
