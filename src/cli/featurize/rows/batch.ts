/** Featurized records as columns in memory that threads share, so that they need not be copied. */
import { endOfRows, type TextColumn } from './text-column.ts'

/** What stands where a label is asked for. The last three have a text: digits that a double would round, a string, JSON. */
export const LabelKind = { absent: 0, false: 1, true: 2, number: 3, digits: 4, text: 5, json: 6 } as const

/** Values of any type: a kind for each row, a number where the kind is `number`, a string from `digits` on. */
export interface LabelColumn {
  readonly kinds: Uint8Array
  readonly numbers: Float64Array
  readonly text: TextColumn
}

/** Time and zip of each event, from which most columns are computed when they are written, and what else was read of it. */
export interface Batch {
  readonly rows: number
  readonly ids: TextColumn
  readonly epochMilliseconds: Float64Array
  /** Keys of the ZipTable. */
  readonly zipKeys: Int32Array
  /** One for each column of source `event` that is no text, in their order; NaN where the value is missing. */
  readonly numbers: readonly Float64Array[]
  /** One for each that is text. */
  readonly texts: readonly TextColumn[]
  readonly labels: readonly LabelColumn[]
}

const textParts = ({ plain, present }: TextColumn): ArrayBufferLike[] =>
  present === undefined ? [plain.buffer] : [plain.buffer, present.buffer]

const buffersOf = (batch: Batch): ArrayBufferLike[] => [
  ...[batch.ids, ...batch.texts, ...batch.labels.map(({ text }) => text)].flatMap(textParts),
  batch.epochMilliseconds.buffer,
  batch.zipKeys.buffer,
  ...batch.numbers.map(({ buffer }) => buffer),
  ...batch.labels.flatMap(({ kinds, numbers }) => [kinds.buffer, numbers.buffer]),
]

/** The memory of `batch` that can be used again when nobody reads it any more. */
export const sharedMemory = (batch: Batch): SharedArrayBuffer[] =>
  buffersOf(batch).filter((buffer) => buffer instanceof SharedArrayBuffer)

/** Splits strings before row `row`; the second part has its own memory. */
const splitText = (column: TextColumn, row: number): [TextColumn, TextColumn] => {
  const at = endOfRows(column, 0, 0, row)
  const { plain, present } = column
  return [
    { plain: plain.subarray(0, at), present: present?.subarray(0, row) },
    { plain: plain.slice(at), present: present?.slice(row) },
  ]
}

const splitLabel = ({ kinds, numbers, text }: LabelColumn, row: number): [LabelColumn, LabelColumn] => {
  const [head, tail] = splitText(text, row)
  return [
    { kinds: kinds.subarray(0, row), numbers: numbers.subarray(0, row), text: head },
    { kinds: kinds.slice(row), numbers: numbers.slice(row), text: tail },
  ]
}

/** The rows of `batch` before `row` and the others, which share no memory. */
export const splitBatch = (batch: Batch, row: number): [Batch, Batch] => {
  const [headIds, tailIds] = splitText(batch.ids, row)
  const texts = batch.texts.map((text) => splitText(text, row))
  const labels = batch.labels.map((label) => splitLabel(label, row))
  return [
    {
      rows: row,
      ids: headIds,
      epochMilliseconds: batch.epochMilliseconds.subarray(0, row),
      zipKeys: batch.zipKeys.subarray(0, row),
      numbers: batch.numbers.map((numbers) => numbers.subarray(0, row)),
      texts: texts.map(([head]) => head),
      labels: labels.map(([head]) => head),
    },
    {
      rows: batch.rows - row,
      ids: tailIds,
      epochMilliseconds: batch.epochMilliseconds.slice(row),
      zipKeys: batch.zipKeys.slice(row),
      numbers: batch.numbers.map((numbers) => numbers.slice(row)),
      texts: texts.map(([, tail]) => tail),
      labels: labels.map(([, tail]) => tail),
    },
  ]
}

/** Bytes of strings in `batch`: what makes a row group heavy. */
export const textBytes = (batch: Batch): number =>
  batch.ids.plain.length +
  batch.texts.reduce((sum, { plain }) => sum + plain.length, 0) +
  batch.labels.reduce((sum, { text }) => sum + text.plain.length, 0)

/** How many of the first rows of `batch` are at most `rows` and hold at most `bytes` of strings. */
export const rowsWithin = (batch: Batch, rows: number, bytes: number): number => {
  const most = Math.min(rows, batch.rows)
  if (most === batch.rows && textBytes(batch) <= bytes) return most
  const columns = [batch.ids, ...batch.texts, ...batch.labels.map(({ text }) => text)]
  const places = columns.map(() => 0)
  let used = 0
  for (let row = 0; row < most; row++) {
    columns.forEach((column, index) => {
      const end = endOfRows(column, places[index], row, 1)
      used += end - places[index]
      places[index] = end
    })
    if (used > bytes) return row
  }
  return most
}
