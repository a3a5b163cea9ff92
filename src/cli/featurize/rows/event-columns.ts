/** Computes the columns that differ from event to event, by the feature view that also serves. */
import { readZip } from '../../../core/event/zip-code.ts'
import { compileFeatureView, type FeatureComputer, type FeatureRows } from '../../../core/features/compute.ts'
import { type JsonObject, readPath } from '../../../core/json.ts'
import { UsageError } from '../../command.ts'
import type { OutputColumn } from '../columns.ts'
import { NATIONAL_KEY, type ZipTable } from '../zip-table.ts'
import type { BatchBuilder } from './batch-builder.ts'

const VIEW_VERSION = 1

/** Compiles the fields of `columns`. Throws a UsageError that names the field this build cannot compute. */
export const compileColumns = (
  columns: readonly OutputColumn[],
  source: 'event' | 'local' | 'zip',
): FeatureComputer => {
  const own = columns.filter((column) => column.source === source)
  const fields = own.flatMap((column) => ('field' in column ? [column.field] : []))
  const text = new Set(own.filter(({ type }) => type === 'text').map(({ name }) => name))
  try {
    return compileFeatureView({ version: VIEW_VERSION, fields }, text)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

export class EventColumns {
  /** Whether any column or label reads the record. */
  readonly readsRecord: boolean
  private readonly table: ZipTable
  private readonly computer: FeatureComputer
  private readonly scratch: FeatureRows
  private readonly isText: readonly boolean[]
  private readonly labelPaths: readonly string[]

  constructor(columns: readonly OutputColumn[], table: ZipTable) {
    this.table = table
    this.computer = compileColumns(columns, 'event')
    // Local time is computed where rows are written; here only its names are checked.
    compileColumns(columns, 'local')
    const own = columns.filter(({ source }) => source === 'event')
    this.isText = own.map(({ type }) => type === 'text')
    this.scratch = { numbers: new Float64Array(own.length), strings: new Array<string | null>(own.length).fill(null) }
    this.labelPaths = columns.flatMap((column) => (column.source === 'label' ? [column.path] : []))
    this.readsRecord =
      this.labelPaths.length > 0 ||
      columns.some(
        (column) =>
          column.source === 'event' && (column.field.source === 'event' || column.field.source === 'distance'),
      )
  }

  /** Adds a row to `batch`, whose `ids` has its id already. */
  add(batch: BatchBuilder, epochMilliseconds: number, zipKey: number, record: JsonObject): void {
    batch.add(epochMilliseconds, zipKey)
    if (this.isText.length > 0) this.compute(batch, epochMilliseconds, zipKey, record)
    for (let index = 0; index < this.labelPaths.length; index++) {
      batch.setLabel(index, readPath(record, this.labelPaths[index]))
    }
  }

  private compute(batch: BatchBuilder, epochMilliseconds: number, zipKey: number, record: JsonObject): void {
    const { computer, table, scratch, isText } = this
    const origins = computer.origins.map((path) => {
      const { zip } = readZip(record, path)
      return table.features(zip === null ? NATIONAL_KEY : table.keyOf(Number(zip)))
    })
    computer.compute({ epochMilliseconds, zip: table.features(zipKey), origins, record }, scratch, 0, [])
    let number = 0
    let text = 0
    for (let index = 0; index < isText.length; index++) {
      if (isText[index]) batch.setText(text++, scratch.strings?.[index] ?? undefined)
      else batch.setNumber(number++, scratch.numbers[index])
    }
  }
}
