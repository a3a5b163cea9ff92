/** The batches of one row group as whole columns. */
import { type Batch, type LabelColumn, LabelKind } from '../rows/batch.ts'
import type { TextColumn } from '../rows/text-column.ts'

type Numbers = Float64Array | Int32Array | Uint8Array

/** The parts one after the other; the only one as it is. */
const joined = <T extends Numbers>(parts: readonly T[]): T => {
  const [first] = parts
  if (parts.length === 1) return first
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const whole = new (first.constructor as new (length: number) => T)(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const joinedPresence = (parts: readonly TextColumn[], rows: readonly number[]): Uint8Array<ArrayBuffer> | undefined => {
  if (parts.every(({ present }) => present === undefined)) return undefined
  return joined(parts.map(({ present }, index) => present ?? new Uint8Array(rows[index]).fill(1)))
}

const joinedText = (parts: readonly TextColumn[], rows: readonly number[]): TextColumn => ({
  plain: joined(parts.map(({ plain }) => plain)),
  present: joinedPresence(parts, rows),
})

const joinedLabel = (parts: readonly LabelColumn[], rows: readonly number[]): LabelColumn => ({
  kinds: joined(parts.map(({ kinds }) => kinds)),
  numbers: joined(parts.map(({ numbers }) => numbers)),
  text: joinedText(
    parts.map(({ text }) => text),
    rows,
  ),
})

/** `batches`, one or more, as a single one. */
export const joinBatches = (batches: readonly Batch[]): Batch => {
  if (batches.length === 1) return batches[0]
  const rows = batches.map((batch) => batch.rows)
  const column = <T extends Numbers>(of: (batch: Batch) => T): T => joined(batches.map(of))
  return {
    rows: rows.reduce((sum, count) => sum + count, 0),
    ids: joinedText(
      batches.map(({ ids }) => ids),
      rows,
    ),
    epochMilliseconds: column((batch) => batch.epochMilliseconds),
    zipKeys: column((batch) => batch.zipKeys),
    numbers: batches[0].numbers.map((_, index) => column((batch) => batch.numbers[index])),
    texts: batches[0].texts.map((_, index) =>
      joinedText(
        batches.map(({ texts }) => texts[index]),
        rows,
      ),
    ),
    labels: batches[0].labels.map((_, index) =>
      joinedLabel(
        batches.map(({ labels }) => labels[index]),
        rows,
      ),
    ),
  }
}

/** The types that hold every value of a label, the narrowest first: none but booleans, numbers too, anything. */
export const typeOfLabel = (labels: readonly LabelColumn[]): 'boolean' | 'double' | 'text' => {
  const seen = new Set<number>()
  for (const { kinds } of labels) for (let row = 0; row < kinds.length; row++) seen.add(kinds[row])
  seen.delete(LabelKind.absent)
  const kinds = [...seen]
  if (kinds.some((kind) => kind > LabelKind.digits)) return 'text'
  return kinds.length > 0 && kinds.every((kind) => kind < LabelKind.number) ? 'boolean' : 'double'
}
