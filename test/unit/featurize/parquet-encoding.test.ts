import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../bench/random.ts'
import { ByteSink } from '../../../src/cli/featurize/parquet/byte-sink.ts'
import { bitWidth, writeHybrid } from '../../../src/cli/featurize/parquet/hybrid.ts'
import { ParquetFile } from '../../../src/cli/featurize/parquet/parquet-file.ts'
import { RowGroupEncoder } from '../../../src/cli/featurize/parquet/row-group.ts'
import type { TypedColumn } from '../../../src/cli/featurize/parquet/schema.ts'
import type { Codec } from '../../../src/cli/featurize/plan.ts'
import { type Batch, LabelKind, splitBatch } from '../../../src/cli/featurize/rows/batch.ts'
import { BatchBuilder } from '../../../src/cli/featurize/rows/batch-builder.ts'
import { BufferPool } from '../../../src/cli/featurize/rows/buffer-pool.ts'
import { zipTable } from '../../support/featurize.ts'

/** Reads what `writeHybrid` writes, by the plainest loop. */
const readHybrid = (bytes: Uint8Array, count: number, width: number): number[] => {
  const values: number[] = []
  let at = 0
  const bit = (index: number): number => ((bytes[at + (index >> 3)] as number) >> (index & 7)) & 1
  while (values.length < count) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number
      header |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const isPacked = (header & 1) === 1
    const units = header >> 1
    const length = isPacked ? units * width : Math.ceil(width / 8)
    for (let value = 0; value < (isPacked ? units * 8 : units); value++) {
      let number = 0
      for (let index = 0; index < width; index++) number |= bit(isPacked ? value * width + index : index) << index
      values.push(number)
    }
    at += length
  }
  expect(at).toBe(bytes.length)
  return values.slice(0, count)
}

describe('small integers as runs and packed groups', () => {
  it.each([1, 2, 3, 5, 8, 9, 13, 16, 17])('%d bits wide, are read as they were written', (width) => {
    const random = seededRandom(width)
    for (const runShare of [0, 0.05, 0.5, 0.95]) {
      for (const count of [0, 1, 7, 8, 9, 64, 1000]) {
        const values: number[] = []
        while (values.length < count) {
          const value = random.below(2 ** width)
          const repeats = random.chance(runShare) ? 1 + random.below(40) : 1
          for (let repeat = 0; repeat < repeats && values.length < count; repeat++) values.push(value)
        }
        const sink = new ByteSink()
        writeHybrid(sink, Int32Array.from(values), count, width)
        expect(readHybrid(sink.view(), count, width)).toEqual(values)
      }
    }
  })

  it('take as many bits as the greatest of them, one at least', () => {
    expect([0, 1, 2, 3, 4, 255, 256].map(bitWidth)).toEqual([1, 1, 2, 2, 3, 8, 9])
  })
})

const COLUMNS: readonly TypedColumn[] = [
  { name: 'event_id', type: 'text', source: 'id' },
  { name: 'epoch_ms', type: 'int64', source: 'epoch' },
  { name: 'number', type: 'double', source: 'event', field: { name: 'number', source: 'event' } },
  { name: 'minute', type: 'int32', source: 'event', field: { name: 'minute_of_day', source: 'time' } },
  { name: 'text', type: 'text', source: 'event', field: { name: 'text', source: 'event' } },
  { name: 'flag', type: 'boolean', source: 'label', path: 'flag' },
  { name: 'label', type: 'text', source: 'label', path: 'label' },
]

type Row = Record<string, unknown>

/** A value of few, of many, or a missing one. */
const textOf = (random: Random): string | undefined => {
  if (random.chance(0.1)) return undefined
  return random.chance(0.5)
    ? random.pick(['', 'é😀', 'one', 'two'])
    : `text ${random.below(1e9)} ${'x'.repeat(random.below(50))}`
}

const SPECIAL = [0, -0, 1, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 5e-324, Number.NaN]

const makeRows = (count: number, seed: number, isVaried: boolean): { readonly batch: Batch; readonly rows: Row[] } => {
  const random = seededRandom(seed)
  const builder = new BatchBuilder(COLUMNS, new BufferPool(), 0)
  const rows = Array.from({ length: count }, (_, index): Row => {
    const event_id = `${index}-é`
    const epoch = random.below(2 ** 30) * 4_096 - 2_208_988_800_000
    const number = isVaried ? random.pick([...SPECIAL, random.fraction(), random.fraction()]) : random.pick([1, 2, 3.5])
    const minute = isVaried && random.chance(0.1) ? Number.NaN : random.below(1_440)
    const text = isVaried ? textOf(random) : random.pick(['a', 'b'])
    const flag = random.pick([true, false, null])
    const label = textOf(random) ?? null
    builder.ids.add(event_id)
    builder.add(epoch, 94107)
    builder.setNumber(0, number)
    builder.setNumber(1, minute)
    builder.setText(0, text)
    builder.setLabel(0, flag)
    builder.setLabel(1, label)
    const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
    return {
      event_id,
      epoch_ms: BigInt(epoch),
      number: orNull(number),
      minute: orNull(minute),
      text: text ?? null,
      flag,
      label,
    }
  })
  return { batch: builder.finish(), rows }
}

const table = zipTable()

const roundTrip = async (batches: readonly Batch[], codec: Codec): Promise<Row[]> => {
  const encoder = new RowGroupEncoder(COLUMNS, table, codec)
  const file = new ParquetFile(COLUMNS, {})
  const bytes = Buffer.concat([...file.add(encoder.encode(COLUMNS, batches, undefined)), file.finish()])
  return parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    compressors,
  })
}

describe('a row group', () => {
  it.each(['snappy', 'zstd', 'none'] as const)('holds what was put into it, %s', async (codec) => {
    for (const count of [1, 9, 5_000, 40_000]) {
      for (const isVaried of [true, false]) {
        const { batch, rows } = makeRows(count, count, isVaried)
        expect(await roundTrip([batch], codec)).toEqual(rows)
      }
    }
  })

  it('is the same from one batch and from several', async () => {
    const { batch, rows } = makeRows(3_000, 7, true)
    const [head, rest] = splitBatch(batch, 1_234)
    const [middle, tail] = splitBatch(rest, 1)
    expect([head.rows, middle.rows, tail.rows]).toEqual([1_234, 1, 1_765])
    expect(await roundTrip([head, middle, tail], 'snappy')).toEqual(rows)
  })

  it('may begin in the memory of another one', () => {
    const encoder = new RowGroupEncoder(COLUMNS, table, 'snappy')
    const { batch } = makeRows(500, 3, true)
    const memory = new SharedArrayBuffer(2 ** 20)
    const encode = (rows: Batch, from?: SharedArrayBuffer): Uint8Array => encoder.encode(COLUMNS, [rows], from).bytes
    const expected = Buffer.from(encode(batch))
    encode(makeRows(900, 4, true).batch, memory)
    expect(encode(batch, memory).buffer).toBe(memory)
    expect(Buffer.compare(encode(batch, memory), expected)).toBe(0)
    // Too little is not used.
    expect(Buffer.compare(encode(batch, new SharedArrayBuffer(16)), expected)).toBe(0)
  })

  it('knows of labels what they are', () => {
    const { batch } = makeRows(50, 2, true)
    expect(new Set(batch.labels[0].kinds)).toEqual(new Set([LabelKind.absent, LabelKind.false, LabelKind.true]))
  })
})
