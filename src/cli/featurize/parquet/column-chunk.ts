/** Writes one column of a row group: its dictionary, if it has one, and its pages. */
import type { ColumnChunk, SchemaElement } from 'hyparquet'
import type { ByteWriter } from 'hyparquet-writer'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { ByteSink } from './byte-sink.ts'
import { type ColumnValues, type Dictionary, PAGE_ROWS } from './column-values.ts'
import type { Compress, ParquetCodec } from './compress.ts'
import { writeHybrid } from './hybrid.ts'

/** What shrinks by less than this is left as it is: ids and times by snappy, for two. */
const WORTHWHILE_RATIO = 0.75
/** So much of a dictionary, and of a column's first page, tells whether the rest is worth trying. */
const TRIAL_BYTES = 16_384

const countPresent = (present: Uint8Array | undefined, from: number, to: number): number => {
  if (present === undefined) return to - from
  let count = 0
  for (let row = from; row < to; row++) count += present[row]
  return count
}

const pageLevels = new Int32Array(PAGE_ROWS)

/** Which values are there: one bit each. */
const writeLevels = (sink: ByteSink, present: Uint8Array | undefined, from: number, to: number): void => {
  if (present === undefined) pageLevels.fill(1, 0, to - from)
  else pageLevels.set(present.subarray(from, to))
  writeHybrid(sink, pageLevels, to - from, 1)
}

const shrinks = (bytes: Uint8Array, compress: Compress | undefined): boolean =>
  compress !== undefined && compress(bytes).length <= bytes.length * WORTHWHILE_RATIO

export class ChunkWriter {
  private readonly writer: ByteWriter
  private readonly codec: ParquetCodec
  private readonly compress: Compress | undefined
  private readonly page = new ByteSink()
  private readonly levels = new ByteSink()

  constructor(writer: ByteWriter, codec: ParquetCodec, compress: Compress | undefined) {
    this.writer = writer
    this.codec = codec
    this.compress = compress
  }

  /** Writes a column of `rows` rows. Its offsets count from the beginning of the writer. */
  write(element: SchemaElement, values: ColumnValues, rows: number): ColumnChunk {
    const { writer } = this
    const { type } = element
    if (type === undefined) throw new Error(`the column ${element.name} has no type`)
    const start = writer.offset
    const { dictionary } = values
    const compress = dictionary === undefined ? this.compress : this.worthwhile(dictionary.plain)
    const dictionaryBytes = dictionary === undefined ? 0 : this.writeDictionary(dictionary, compress)
    const dataStart = writer.offset
    const pages = this.writePages(values, rows, element.repetition_type === 'OPTIONAL', compress)
    const isCompressed = pages.areCompressed || (dictionary !== undefined && compress !== undefined)
    return {
      file_offset: BigInt(start),
      meta_data: {
        type,
        encodings: dictionary === undefined ? ['PLAIN', 'RLE'] : ['PLAIN', 'RLE', 'RLE_DICTIONARY'],
        path_in_schema: [element.name],
        codec: isCompressed ? this.codec : 'UNCOMPRESSED',
        num_values: BigInt(rows),
        total_uncompressed_size: BigInt(dictionaryBytes + pages.uncompressedBytes),
        total_compressed_size: BigInt(writer.offset - start),
        data_page_offset: BigInt(dataStart),
        ...(dictionary !== undefined && { dictionary_page_offset: BigInt(start) }),
        statistics: {
          null_count: BigInt(pages.nulls),
          ...(values.bounds !== undefined && { min_value: values.bounds.min, max_value: values.bounds.max }),
        },
      },
    }
  }

  /** The compression, or `undefined` where `plain` hardly shrinks. */
  private worthwhile(plain: Uint8Array): Compress | undefined {
    return shrinks(plain.subarray(0, TRIAL_BYTES), this.compress) ? this.compress : undefined
  }

  /** Returns its size before compression, the header included. */
  private writeDictionary({ plain, size }: Dictionary, compress: Compress | undefined): number {
    const { writer } = this
    const start = writer.offset
    const compressed = compress?.(plain) ?? plain
    writePageHeader(writer, {
      type: 'DICTIONARY_PAGE',
      uncompressed_page_size: plain.length,
      compressed_page_size: compressed.length,
      dictionary_page_header: { num_values: size, encoding: 'PLAIN' },
    })
    const headerBytes = writer.offset - start
    writer.appendBytes(compressed)
    return headerBytes + plain.length
  }

  private writePages(
    values: ColumnValues,
    rows: number,
    isOptional: boolean,
    compress: Compress | undefined,
  ): { readonly uncompressedBytes: number; readonly nulls: number; readonly areCompressed: boolean } {
    const { writer, page, levels } = this
    let pageCompress = compress
    let areCompressed = false
    let uncompressedBytes = 0
    let value = 0
    for (let from = 0; from < rows; from += PAGE_ROWS) {
      const to = Math.min(rows, from + PAGE_ROWS)
      const count = countPresent(values.present, from, to)
      page.clear()
      levels.clear()
      const plain = values.page(page, value, value + count)
      value += count
      if (isOptional) writeLevels(levels, values.present, from, to)
      if (from === 0 && compress !== undefined) pageCompress = this.worthwhile(plain)
      const compressed = pageCompress?.(plain)
      const isWorthwhile = compressed !== undefined && compressed.length <= plain.length * WORTHWHILE_RATIO
      const body = isWorthwhile ? compressed : plain
      areCompressed ||= isWorthwhile
      const start = writer.offset
      writePageHeader(writer, {
        type: 'DATA_PAGE_V2',
        uncompressed_page_size: levels.length + plain.length,
        compressed_page_size: levels.length + body.length,
        data_page_header_v2: {
          num_values: to - from,
          num_nulls: to - from - count,
          num_rows: to - from,
          encoding: values.dictionary === undefined ? 'PLAIN' : 'RLE_DICTIONARY',
          definition_levels_byte_length: levels.length,
          repetition_levels_byte_length: 0,
          is_compressed: isWorthwhile,
        },
      })
      uncompressedBytes += writer.offset - start + levels.length + plain.length
      writer.appendBytes(levels.view())
      writer.appendBytes(body)
    }
    return { uncompressedBytes, nulls: rows - value, areCompressed }
  }
}
