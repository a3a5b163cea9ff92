/** Gathers rows into row groups, has them encoded by whichever thread is free and writes them in order. */
import type { OutputColumn } from '../columns.ts'
import type { OutputFile } from '../output/output-file.ts'
import type { TableWriter } from '../output/table-writer.ts'
import { type Batch, rowsWithin, splitBatch, textBytes } from '../rows/batch.ts'
import { typeOfLabel } from './label-type.ts'
import { ParquetFile } from './parquet-file.ts'
import { type EncodedGroup, GROUP_ROWS } from './row-group.ts'
import type { TypedColumn } from './schema.ts'

/** As GROUP_ROWS: a group ends before the row that would make its strings heavier than this. */
const GROUP_TEXT_BYTES = 16 * 2 ** 20

/** Encodes row groups somewhere. */
export interface GroupEncoder {
  /** How many may be under way. */
  readonly count: number
  encode(columns: readonly TypedColumn[], batches: readonly Batch[], memory?: SharedArrayBuffer): Promise<EncodedGroup>
}

const typed = (columns: readonly OutputColumn[], batches: readonly Batch[]): TypedColumn[] => {
  let label = 0
  return columns.map((column): TypedColumn => {
    if (column.source !== 'label') return column as TypedColumn
    const index = label++
    if (column.type !== 'choose') return { ...column, type: column.type }
    return { ...column, type: typeOfLabel(batches.map(({ labels }) => labels[index])) }
  })
}

export class ParquetTable implements TableWriter {
  private readonly output: OutputFile
  private readonly encoder: GroupEncoder
  private readonly columns: readonly OutputColumn[]
  private readonly notes: Readonly<Record<string, string>>
  private typedColumns: readonly TypedColumn[] | undefined
  private file: ParquetFile | undefined
  private held: Batch[] = []
  private heldRows = 0
  private heldBytes = 0
  private readonly underWay: Promise<EncodedGroup>[] = []
  /** What written groups came in, for the next ones. */
  private readonly memory: SharedArrayBuffer[] = []

  constructor(
    output: OutputFile,
    encoder: GroupEncoder,
    columns: readonly OutputColumn[],
    notes: Readonly<Record<string, string>>,
  ) {
    this.output = output
    this.encoder = encoder
    this.columns = columns
    this.notes = notes
  }

  /** The columns, with the types that labels have got; as they were asked for until a row group was written. */
  get typed(): readonly OutputColumn[] {
    return this.typedColumns ?? this.columns
  }

  async add(output: Batch | Uint8Array<ArrayBuffer>): Promise<void> {
    if (!('rows' in output)) throw new Error('expected columns, got lines')
    let rest = output
    for (;;) {
      const room = rowsWithin(rest, GROUP_ROWS - this.heldRows, GROUP_TEXT_BYTES - this.heldBytes)
      if (room === rest.rows) break
      // One row at least: it may be heavier than a whole group.
      const taken = room === 0 && this.heldRows === 0 ? 1 : room
      if (taken > 0) {
        const [head, tail] = splitBatch(rest, taken)
        this.hold(head)
        rest = tail
      }
      await this.close()
    }
    this.hold(rest)
  }

  async finish(): Promise<void> {
    if (this.heldRows > 0) await this.close()
    await this.drain(0)
    await this.output.write(this.parquet().finish())
  }

  private hold(batch: Batch): void {
    if (batch.rows === 0) return
    this.held.push(batch)
    this.heldRows += batch.rows
    this.heldBytes += textBytes(batch)
  }

  /** Sends the held rows off as a row group. */
  private async close(): Promise<void> {
    this.parquet()
    const group = this.encoder.encode(this.typedColumns ?? [], this.held, this.memory.pop())
    group.catch(() => undefined)
    this.underWay.push(group)
    this.held = []
    this.heldRows = 0
    this.heldBytes = 0
    await this.drain(this.encoder.count)
  }

  /** Writes row groups until no more than `limit` are under way. */
  private async drain(limit: number): Promise<void> {
    while (this.underWay.length > limit) {
      const group = (await this.underWay.shift()) as EncodedGroup
      for (const bytes of this.parquet().add(group)) await this.output.write(bytes)
      if (group.bytes.buffer instanceof SharedArrayBuffer) this.memory.push(group.bytes.buffer)
    }
  }

  /** Begun with the first row group, which tells the types of the labels. */
  private parquet(): ParquetFile {
    this.typedColumns ??= typed(this.columns, this.held)
    this.file ??= new ParquetFile(this.typedColumns, this.notes)
    return this.file
  }
}
