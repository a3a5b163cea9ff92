/** The columns of the output as Parquet has them. */
import type { SchemaElement } from 'hyparquet'
import type { ColumnType, OutputColumn } from '../columns.ts'

/** A column after the labels' types are known. */
export type TypedColumn = OutputColumn & { readonly type: Exclude<ColumnType, 'choose'> }

const TYPES: Record<TypedColumn['type'], Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>> = {
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
}

/** Sources whose values are never missing. */
const COMPLETE: readonly OutputColumn['source'][] = ['id', 'epoch', 'calendar', 'zip_level']

export const elementOf = (column: TypedColumn): SchemaElement => ({
  name: column.name,
  ...TYPES[column.type],
  repetition_type: COMPLETE.includes(column.source) ? 'REQUIRED' : 'OPTIONAL',
})

export const schemaOf = (columns: readonly TypedColumn[]): SchemaElement[] => [
  { name: 'events', num_children: columns.length },
  ...columns.map(elementOf),
]
