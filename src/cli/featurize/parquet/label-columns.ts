/** Labels in the type that was chosen for them. */
import { UsageError } from '../../command.ts'
import { type LabelColumn, LabelKind } from '../rows/batch.ts'
import { BufferPool } from '../rows/buffer-pool.ts'
import { skipText, TextBuilder, textAt } from '../rows/text-column.ts'
import type { ColumnValues } from './column-values.ts'
import { booleanColumn, doubleColumn } from './number-columns.ts'
import type { TypedColumn } from './schema.ts'
import { textColumn } from './text-columns.ts'

type LabelType = Extract<TypedColumn['type'], 'boolean' | 'double' | 'text'>

/** Calls `visit` with each row's kind, number and text. */
const forEach = (
  { kinds, numbers, text }: LabelColumn,
  visit: (row: number, kind: number, number: number, text: string | undefined) => void,
): void => {
  let at = 0
  for (let row = 0; row < kinds.length; row++) {
    const hasText = kinds[row] >= LabelKind.digits
    visit(row, kinds[row], numbers[row], hasText ? textAt(text.plain, at) : undefined)
    if (hasText) at = skipText(text.plain, at)
  }
}

const refuse = (name: string, type: LabelType, value: string | number | undefined): never => {
  throw new UsageError(
    `the label ${name} holds ${JSON.stringify(value)}, which is no ${type}, the type of its column; --label ${name}=PATH:text keeps any value, as text`,
  )
}

const booleans = (name: string, label: LabelColumn): ColumnValues => {
  const values = new Uint8Array(label.kinds.length)
  const present = new Uint8Array(label.kinds.length)
  let kept = 0
  forEach(label, (row, kind, number, text) => {
    if (kind === LabelKind.absent) return
    if (kind > LabelKind.true) refuse(name, 'boolean', text ?? number)
    present[row] = 1
    values[kept++] = kind === LabelKind.true ? 1 : 0
  })
  return booleanColumn(values.subarray(0, kept), kept === present.length ? undefined : present)
}

const doubles = (name: string, label: LabelColumn): ColumnValues => {
  const values = new Float64Array(label.kinds.length)
  forEach(label, (row, kind, number, text) => {
    if (kind > LabelKind.digits) refuse(name, 'double', text)
    if (kind === LabelKind.absent) values[row] = Number.NaN
    else if (kind === LabelKind.number) values[row] = number
    else values[row] = kind === LabelKind.digits ? Number(text) : kind === LabelKind.true ? 1 : 0
  })
  return doubleColumn(values)
}

const texts = (label: LabelColumn): ColumnValues => {
  const isText = label.kinds.every((kind) => kind === LabelKind.absent || kind >= LabelKind.digits)
  if (isText) return textColumn(label.text)
  const builder = new TextBuilder(new BufferPool(), label.text.plain.length)
  forEach(label, (_, kind, number, text) => {
    if (kind === LabelKind.absent) builder.add(undefined)
    else if (kind === LabelKind.number) builder.add(String(number))
    else builder.add(text ?? String(kind === LabelKind.true))
  })
  return textColumn(builder.finish())
}

/** Throws a UsageError, which names the remedy, for a value that is not of the type. */
export const labelColumn = (name: string, type: LabelType, label: LabelColumn): ColumnValues => {
  switch (type) {
    case 'boolean':
      return booleans(name, label)
    case 'double':
      return doubles(name, label)
    case 'text':
      return texts(label)
  }
}
