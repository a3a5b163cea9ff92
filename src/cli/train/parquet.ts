/** Reads a Parquet file column by column. */
import { open } from 'node:fs/promises'
import { type AsyncBuffer, parquetScan } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { UsageError } from '../command.ts'

/** A value as it stands in a column. Timestamps are epoch milliseconds. */
export type ParquetValue = unknown

export interface ParquetFile {
  readonly columns: readonly string[]
  readonly rows: number
  /** Calls `onValues` with each column's values, row group by row group; `firstRow` is the number of the first of them. */
  read(
    columns: readonly string[],
    onValues: (column: string, values: ArrayLike<ParquetValue>, firstRow: number) => void,
    onShare: (share: number) => void,
  ): Promise<void>
  close(): Promise<void>
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
      columns: scan.metadata.schema.filter((element) => element.type !== undefined).map((element) => element.name),
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
