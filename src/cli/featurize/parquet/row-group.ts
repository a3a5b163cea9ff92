/** Encodes the rows of one row group, in whatever thread is free. */
import type { ColumnChunk } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import type { OutputColumn } from '../columns.ts'
import { ZipColumns } from '../output/zip-columns.ts'
import type { Codec } from '../plan.ts'
import { type Batch, textBytes } from '../rows/batch.ts'
import type { ZipTable } from '../zip-table.ts'
import { BatchJoiner } from './batch-joiner.ts'
import { CalendarColumns } from './calendar-columns.ts'
import { ChunkWriter } from './column-chunk.ts'
import type { ColumnValues } from './column-values.ts'
import { type Compress, compressorOf, PARQUET_CODECS } from './compress.ts'
import { labelColumn } from './label-columns.ts'
import { doubleColumn, int32Column, int64Column } from './number-columns.ts'
import { elementOf, type TypedColumn } from './schema.ts'
import { plainText, textColumn } from './text-columns.ts'
import { ZipKeyColumns } from './zip-key-columns.ts'

export interface EncodedGroup {
  readonly bytes: Uint8Array
  /** Offsets count from the beginning of `bytes`. */
  readonly columns: ColumnChunk[]
  readonly rows: number
}

/** The most rows of a group: where one ends depends on its rows alone, so that the same events give the same bytes however they came. */
export const GROUP_ROWS = 65_536

/** What a row takes beside its strings, with some room to spare, so that the memory for a row group seldom has to grow. */
const USUAL_ROW_BYTES = 48

/** A writer in `memory`, or in other memory of at least `bytes` where that is too small. */
const writerIn = (memory: SharedArrayBuffer | undefined, bytes: number): ByteWriter => {
  const writer = new ByteWriter(0)
  const shared = memory !== undefined && memory.byteLength >= bytes ? memory : new SharedArrayBuffer(bytes)
  // Declared as an ArrayBuffer, but only ever used through views; when it grows, it does go on in one.
  writer.buffer = shared as ArrayBufferLike as ArrayBuffer
  writer.view = new DataView(writer.buffer)
  return writer
}

export class RowGroupEncoder {
  private readonly keys: ZipKeyColumns
  private readonly calendar: CalendarColumns
  private readonly compress: Compress | undefined
  private readonly codec: Codec
  private readonly joiner = new BatchJoiner()

  /** Throws a UsageError where this Node.js lacks the codec. */
  constructor(columns: readonly OutputColumn[], table: ZipTable, codec: Codec) {
    this.compress = compressorOf(codec)
    this.keys = new ZipKeyColumns(new ZipColumns(columns, table), GROUP_ROWS)
    this.calendar = new CalendarColumns(table, GROUP_ROWS)
    this.codec = codec
  }

  /** `memory`, where there is any, is what an earlier group came in. Throws a UsageError for a label that is not of its column's type. */
  encode(
    columns: readonly TypedColumn[],
    batches: readonly Batch[],
    memory: SharedArrayBuffer | undefined,
  ): EncodedGroup {
    const batch = this.joiner.join(batches)
    const writer = writerIn(memory, textBytes(batch) + batch.rows * USUAL_ROW_BYTES)
    const chunks = new ChunkWriter(writer, PARQUET_CODECS[this.codec], this.compress)
    const { keys, calendar } = this
    keys.begin(batch.zipKeys)
    calendar.begin(batch)
    const next = { zip: 0, number: 0, text: 0, label: 0 }
    const valuesOf = (column: TypedColumn): ColumnValues => {
      switch (column.source) {
        case 'id':
          return plainText(batch.ids)
        case 'epoch':
          return int64Column(batch.epochMilliseconds)
        case 'calendar':
          return calendar.utcColumn(column.name)
        case 'zip_level':
          return keys.levels()
        case 'zip':
          return keys.column(next.zip++)
        case 'local':
          return calendar.localColumn(column.field, column.type === 'int32')
        case 'event': {
          if (column.type === 'text') return textColumn(batch.texts[next.text++])
          const numbers = batch.numbers[next.number++]
          return column.type === 'int32' ? int32Column(numbers) : doubleColumn(numbers)
        }
        case 'label':
          return labelColumn(column.name, column.type as 'boolean' | 'double' | 'text', batch.labels[next.label++])
      }
    }
    return {
      columns: columns.map((column) => chunks.write(elementOf(column), valuesOf(column), batch.rows)),
      bytes: writer.getBytes(),
      rows: batch.rows,
    }
  }
}
