/** The featurizer in the calling thread, and the same features by the plainest road: the whole record through the code that serves. */

import { type ColumnWishes, type OutputColumn, outputColumns } from '../../src/cli/featurize/columns.ts'
import type { FeaturizePlan } from '../../src/cli/featurize/plan.ts'
import { Lane } from '../../src/cli/featurize/rows/lane.ts'
import { asOptions } from '../../src/cli/featurize/rows/reject.ts'
import { readZipData } from '../../src/cli/featurize/zip-data.ts'
import { levelOfKey, NATIONAL_KEY, ZipTable } from '../../src/cli/featurize/zip-table.ts'
import { readEvent } from '../../src/core/event/read-event.ts'
import { readZip } from '../../src/core/event/zip-code.ts'
import { Failure } from '../../src/core/failure.ts'
import { compileFeatureView } from '../../src/core/features/compute.ts'
import { type JsonValue, readPath } from '../../src/core/json.ts'
import type { RecordFormat } from '../../src/core/scan/detect-format.ts'
import { jsonText } from '../../src/protocol/json-text.ts'
import { parseJson } from '../../src/protocol/parse-json.ts'
import { contentId } from '../../src/serving/event-id.ts'

export const ZIPS = { packs: 'kv-seed/zips.json', means: 'kv-seed/zip3-means.json' }

export const ZIP_DATA = readZipData(ZIPS)

export const zipTable = (): ZipTable => new ZipTable(ZIP_DATA)

export const columnsOf = (wishes: Partial<ColumnWishes> = {}): OutputColumn[] =>
  outputColumns({
    zipColumns: ZIP_DATA.zips.columns,
    zipTextColumns: new Set(ZIP_DATA.textColumns),
    view: undefined,
    textFields: new Set(),
    labels: [],
    only: undefined,
    ...wishes,
  })

export const planOf = (columns: readonly OutputColumn[], parts: Partial<FeaturizePlan> = {}): FeaturizePlan => ({
  rules: {},
  columns,
  strict: false,
  form: 'ndjson',
  codec: 'snappy',
  keepOrder: false,
  ...parts,
})

/** The lines that `input` gives, parsed. */
export const featurizeText = (
  plan: FeaturizePlan,
  table: ZipTable,
  input: string | Uint8Array,
  format: RecordFormat = 'ndjson',
): object[] => {
  const lane = new Lane({ ...plan, form: 'ndjson' }, table, true)
  const bytes = new Uint8Array(Buffer.from(input))
  const isLines = format === 'ndjson'
  const { output, failure } = lane.read({ stream: 1, isLines, input: { bytes }, offset: 0, format, isLast: true })
  if (failure !== undefined) throw new Error(failure.message)
  if ('rows' in output) throw new Error('expected lines')
  const lines = new TextDecoder().decode(output).split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as object)
}

const refuseNow = (): never => {
  throw new Failure('invalid_time', 'the time "now" says nothing in a log: when it was sent is not known here')
}

/** What the line of `text` says, computed from the whole record. */
export const expectedLine = (text: string, plan: FeaturizePlan, table: ZipTable): object => {
  try {
    return expectedRow(parseJson(text), plan, table)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { code, message, path } = error
    return { error: { code, message: asOptions(message), ...(path !== undefined && { path }) } }
  }
}

/** Tables are UTF-8, which has no lone surrogates. */
const wellFormed = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.toWellFormed() : value)

const expectedRow = (value: JsonValue, { rules, columns }: FeaturizePlan, table: ZipTable): object => {
  const event = readEvent(value, { ...rules, now: refuseNow })
  const features = (zip: string | null) => table.features(zip === null ? NATIONAL_KEY : table.keyOf(Number(zip)))
  const computed = columns.filter((column) => 'field' in column)
  const texts = new Set(computed.filter(({ type }) => type === 'text').map(({ name }) => name))
  const fields = computed.flatMap((column) => ('field' in column ? [column.field] : []))
  const computer = compileFeatureView({ version: 1, fields }, texts)
  const row = { numbers: new Float64Array(fields.length), strings: new Array<string | null>(fields.length).fill(null) }
  const origins = computer.origins.map((path) => features(readZip(event.record, path).zip))
  const input = { epochMilliseconds: event.epochMilliseconds, zip: features(event.zip), origins, record: event.record }
  const utc = computer.compute(input, row, 0, [])
  let next = 0
  const entries = columns.map((column): [string, unknown] => {
    switch (column.source) {
      case 'id':
        return [column.name, event.id ?? contentId(event.record, rules.timePath)]
      case 'epoch':
        return [column.name, event.epochMilliseconds]
      case 'calendar':
        return [
          column.name,
          { day_of_year: utc.dayOfYear, day_of_week: utc.dayOfWeek, hour_of_day: utc.hourOfDay }[column.name],
        ]
      case 'zip_level':
        return [column.name, event.zip === null ? 'national_mean' : levelOfKey(table.keyOf(Number(event.zip)))]
      case 'label':
        return [column.name, readPath(event.record, column.path) ?? null]
      default: {
        const at = next++
        return [column.name, column.type === 'text' ? row.strings[at] : row.numbers[at]]
      }
    }
  })
  return JSON.parse(jsonText(Object.fromEntries(entries) as JsonValue), wellFormed) as object
}
