/** What one thread does: reads the blocks of its streams and, for Parquet, encodes row groups. */

import { readsZip } from '../columns.ts'
import { TextLines } from '../output/text-lines.ts'
import { type EncodedGroup, RowGroupEncoder } from '../parquet/row-group.ts'
import type { TypedColumn } from '../parquet/schema.ts'
import type { FeaturizePlan } from '../plan.ts'
import { levelOfKey, type ZipTable } from '../zip-table.ts'
import { type Batch, LabelKind, sharedMemory } from './batch.ts'
import type { Block, BlockResult, ZipCounts } from './block.ts'
import { BufferPool } from './buffer-pool.ts'
import { RowReader } from './row-reader.ts'
import { StreamReader } from './stream-reader.ts'

const encoder = new TextEncoder()

const countZips = ({ zipKeys }: Batch): ZipCounts => {
  const counts = { exact: 0, zip3_mean: 0, national_mean: 0 }
  for (let row = 0; row < zipKeys.length; row++) counts[levelOfKey(zipKeys[row])]++
  return counts
}

const NO_ZIPS: ZipCounts = { exact: 0, zip3_mean: 0, national_mean: 0 }

export class Lane {
  private readonly plan: FeaturizePlan
  private readonly keepRejects: boolean
  private readonly readsZip: boolean
  private readonly rowReader: RowReader
  private readonly lines: TextLines | undefined
  private readonly groups: RowGroupEncoder | undefined
  private readonly pool = new BufferPool()
  private readonly streams = new Map<number, StreamReader>()
  /** For blocks of whole lines: a reader has memory of its own, so it is used again. */
  private lineReader: StreamReader | undefined
  /** Rows of the last block: the next one will hold about as many. */
  private lastRows = 0

  /** `keepRejects`: all of them with their text, else the first few of each block. */
  constructor(plan: FeaturizePlan, table: ZipTable, keepRejects: boolean) {
    this.plan = plan
    this.keepRejects = keepRejects
    this.readsZip = readsZip(plan.columns)
    this.rowReader = new RowReader(plan, table)
    if (plan.form === 'parquet') this.groups = new RowGroupEncoder(plan.columns, table, plan.codec)
    else this.lines = new TextLines(plan.columns, table, plan.form)
  }

  /**
   * `spare` is memory of batches that were encoded. Throws the error of a file that cannot be read; what is amiss with records is part of the
   * result.
   */
  read(block: Block, spare: readonly SharedArrayBuffer[] = []): BlockResult {
    for (const buffer of spare) this.pool.give(buffer)
    const reader = this.readerOf(block)
    const { batch, ...others } = reader.read(block, this.lastRows * 1.1)
    if (reader.isEnded) this.forget(block)
    this.lastRows = batch.rows
    const lines = this.plan.keepOrder ? others.rejects : []
    const output = this.lines === undefined ? batch : encoder.encode(this.lines.write(batch, lines))
    const zips = this.readsZip ? countZips(batch) : NO_ZIPS
    const labels = batch.labels.map(({ kinds }) => kinds.some((kind) => kind !== LabelKind.absent))
    if (output !== batch) for (const buffer of sharedMemory(batch)) this.pool.give(buffer)
    return { ...others, output, rows: batch.rows, zips, labels }
  }

  /** A byte order mark may stand at the beginning of a source, so that wants a new reader. */
  private readerOf(block: Block): StreamReader {
    const known = block.isLines ? this.lineReader : this.streams.get(block.stream)
    if (known !== undefined && !(block.isLines && block.offset === 0)) return known
    const keepRejects = this.keepRejects || this.plan.keepOrder
    const reader = new StreamReader(this.plan, keepRejects, this.rowReader, this.pool, block.format)
    if (block.isLines) this.lineReader = reader
    else this.streams.set(block.stream, reader)
    return reader
  }

  private forget(block: Block): void {
    if (block.isLines) this.lineReader = undefined
    else this.streams.delete(block.stream)
  }

  /** One row group, as `RowGroupEncoder.encode`. Throws a UsageError for a label that is not of its column's type. */
  encode(columns: readonly TypedColumn[], batches: readonly Batch[], memory?: SharedArrayBuffer): EncodedGroup {
    if (this.groups === undefined) throw new Error(`${this.plan.form} has no row groups`)
    return this.groups.encode(columns, batches, memory)
  }
}
