/** Encodes the rows of one row group, in whatever thread is free. */
import type { ColumnChunk } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import type { OutputColumn } from '../columns.ts'
import { ZipColumns } from '../output/zip-columns.ts'
import type { Codec } from '../plan.ts'
import { type Batch, textBytes } from '../rows/batch.ts'
import type { ZipTable } from '../zip-table.ts'
import { CalendarColumns } from './calendar-columns.ts'
import { ChunkWriter } from './column-chunk.ts'
import type { ColumnValues } from './column-values.ts'
import { type Compress, compressorOf, PARQUET_CODECS } from './compress.ts'
import { joinBatches } from './group.ts'
import { labelColumn } from './label-columns.ts'
import { doubleColumn, int32Column, int64Column } from './number-columns.ts'
import { elementOf, type TypedColumn } from './schema.ts'
import { plainText, textColumn } from './text-columns.ts'
import { ZipKeyColumns } from './zip-key-columns.ts'

export interface EncodedGroup {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Offsets count from the beginning of `bytes`. */
  readonly columns: ColumnChunk[]
  readonly rows: number
}

/** The most rows of a group: where one ends depends on its rows alone, so that the same events give the same bytes however they came. */
export const GROUP_ROWS = 131_072

/** What a row takes beside its strings, so that the memory for a row group seldom has to grow. */
const USUAL_ROW_BYTES = 32

/** A writer that begins in `memory` and takes more where that is too small. */
const writerIn = (memory: ArrayBuffer): ByteWriter => {
  const writer = new ByteWriter(0)
  writer.buffer = memory
  writer.view = new DataView(memory)
  return writer
}

export class RowGroupEncoder {
  private readonly keys: ZipKeyColumns
  private readonly calendar: CalendarColumns
  private readonly compress: Compress | undefined
  private readonly codec: Codec

  /** Throws a UsageError where this Node.js lacks the codec. */
  constructor(columns: readonly OutputColumn[], table: ZipTable, codec: Codec) {
    this.compress = compressorOf(codec)
    this.keys = new ZipKeyColumns(new ZipColumns(columns, table), GROUP_ROWS)
    this.calendar = new CalendarColumns(table, GROUP_ROWS)
    this.codec = codec
  }

  /** `memory`, where there is any, is what an earlier group came in. Throws a UsageError for a label that is not of its column's type. */
  encode(columns: readonly TypedColumn[], batches: readonly Batch[], memory: ArrayBuffer | undefined): EncodedGroup {
    const batch = joinBatches(batches)
    const writer = writerIn(memory ?? new ArrayBuffer(textBytes(batch) + batch.rows * USUAL_ROW_BYTES))
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
