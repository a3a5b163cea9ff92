/** A Parquet file that grows by whole row groups; header and footer are written by hyparquet-writer. */
import type { ColumnChunk, KeyValue } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { EncodedGroup } from './row-group.ts'
import { schemaOf, type TypedColumn } from './schema.ts'

/** Readers look for "application version number". */
const CREATED_BY = 'nearcast version 1'

const moved = (chunk: ColumnChunk, bytes: bigint): ColumnChunk => {
  const { meta_data: data } = chunk
  if (data === undefined) throw new Error('a column chunk without its description')
  const { dictionary_page_offset: dictionary } = data
  return {
    ...chunk,
    file_offset: chunk.file_offset + bytes,
    meta_data: {
      ...data,
      data_page_offset: data.data_page_offset + bytes,
      ...(dictionary !== undefined && { dictionary_page_offset: dictionary + bytes }),
    },
  }
}

export class ParquetFile {
  private readonly writer = new ByteWriter()
  private readonly parquet: ParquetWriter

  constructor(columns: readonly TypedColumn[], notes: Readonly<Record<string, string>>) {
    const kvMetadata: KeyValue[] = Object.entries(notes).map(([key, value]) => ({ key, value }))
    this.parquet = new ParquetWriter({
      writer: this.writer,
      schema: schemaOf(columns),
      createdBy: CREATED_BY,
      kvMetadata,
    })
  }

  /** The bytes before and of a row group. */
  add(group: EncodedGroup): Uint8Array[] {
    const before = this.taken()
    const offset = BigInt(this.writer.offset)
    const columns = group.columns.map((chunk) => moved(chunk, offset))
    this.parquet.row_groups.push({
      columns,
      total_byte_size: columns.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
      num_rows: BigInt(group.rows),
      total_compressed_size: BigInt(group.bytes.length),
    })
    this.parquet.num_rows += BigInt(group.rows)
    this.writer.offset += group.bytes.length
    return [before, group.bytes]
  }

  /** The bytes behind all row groups. */
  finish(): Uint8Array<ArrayBuffer> {
    void this.parquet.finish()
    return this.taken()
  }

  private taken(): Uint8Array<ArrayBuffer> {
    const bytes = this.writer.getBytes().slice()
    this.writer.index = 0
    return bytes
  }
}
