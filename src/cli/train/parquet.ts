/** Reads a Parquet file column by column. */
import { open } from 'node:fs/promises'
import { type AsyncBuffer, parquetScan, parquetSchema, type SchemaElement } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { UsageError } from '../command.ts'

/** `number` includes booleans and 64-bit integers; a `time` is read as epoch milliseconds. */
export type ParquetKind = 'number' | 'time' | 'text' | 'other'

export interface ParquetFile {
  /** The top-level columns. */
  readonly columns: readonly { readonly name: string; readonly kind: ParquetKind }[]
  readonly rows: number
  /** Calls `onValues` with each column's values, row group by row group; `firstRow` is the number of the first of them. */
  read(
    columns: readonly string[],
    onValues: (column: string, values: ArrayLike<unknown>, firstRow: number) => void,
    onShare: (share: number) => void,
  ): Promise<void>
  close(): Promise<void>
}

const kindOf = ({ type, converted_type, logical_type }: SchemaElement): ParquetKind => {
  const logical = logical_type?.type ?? converted_type ?? ''
  if (logical.startsWith('TIMESTAMP')) return 'time'
  if (type === 'BYTE_ARRAY') return logical === 'DECIMAL' ? 'number' : 'text'
  const isNumber = type === 'BOOLEAN' || type === 'INT32' || type === 'INT64' || type === 'FLOAT' || type === 'DOUBLE'
  return isNumber && !/^(DATE|TIME|INTERVAL)/.test(logical) ? 'number' : 'other'
}

/** Opens `path`. Throws a UsageError when it cannot be read as Parquet. */
export const openParquet = async (path: string): Promise<ParquetFile> => {
  const handle = await open(path).catch((error: Error) => {
    throw new UsageError(`cannot open ${path}: ${error.message}`)
  })
  try {
    const { size } = await handle.stat()
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const buffer = new ArrayBuffer(end - start)
        await handle.read(new Uint8Array(buffer), 0, end - start, start)
        return buffer
      },
    }
    const scan = await parquetScan({
      file,
      compressors,
      parsers: {
        timestampFromMilliseconds: Number,
        timestampFromMicroseconds: (microseconds) => Number(microseconds / 1000n),
        timestampFromNanoseconds: (nanoseconds) => Number(nanoseconds / 1_000_000n),
      },
    })
    return {
      columns: parquetSchema(scan.metadata).children.map(({ element, children }) => ({
        name: element.name,
        kind: children.length > 0 ? 'other' : kindOf(element),
      })),
      rows: Number(scan.metadata.num_rows),
      async read(columns, onValues, onShare) {
        for (const [index, range] of scan.ranges.entries()) {
          for (const column of columns) onValues(column, await scan.readColumn({ column, ...range }), range.rowStart)
          onShare((index + 1) / scan.ranges.length)
        }
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw new UsageError(`cannot read ${path} as Parquet: ${error instanceof Error ? error.message : String(error)}`)
  }
}
