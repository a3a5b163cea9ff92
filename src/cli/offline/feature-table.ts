/** Reads the columns of a table of features, as `nearcast featurize` writes it, into memory. */
import { UsageError } from '../command.ts'
import { openParquet, type ParquetKind } from '../train/parquet.ts'
import { type MessageStream, startProgress } from '../train/progress.ts'

export interface FeatureTable {
  readonly rows: number
  readonly kinds: ReadonlyMap<string, ParquetKind>
  /** One value a row; `null` and `undefined` where there is none. Throws a UsageError for a column that was not read. */
  column(name: string): readonly unknown[]
}

/** The columns of `path` and what they hold. Throws a UsageError when it cannot be read as Parquet. */
export const readKinds = async (path: string): Promise<ReadonlyMap<string, ParquetKind>> => {
  const file = await openParquet(path)
  await file.close()
  return new Map(file.columns.map(({ name, kind }) => [name, kind]))
}

/**
 * Reads those of `columns` that `path` has; names in `required` it must have. Throws a UsageError that lists what there is for a column
 * that is missing or holds neither numbers nor text, and for a table without rows.
 */
export const readFeatureTable = async (
  path: string,
  columns: readonly string[],
  required: readonly string[],
  stream: MessageStream,
): Promise<FeatureTable> => {
  const file = await openParquet(path)
  try {
    const kinds = new Map(file.columns.map(({ name, kind }) => [name, kind]))
    const missing = required.filter((name) => !kinds.has(name))
    if (missing.length > 0) {
      throw new UsageError(`${path} has no column ${missing.join(', ')}; it has ${[...kinds.keys()].join(', ')}`)
    }
    const wanted = [...new Set([...columns, ...required])].filter((name) => kinds.has(name))
    const odd = wanted.find((name) => kinds.get(name) === 'other')
    if (odd !== undefined) throw new UsageError(`${path}: column ${odd} holds neither numbers nor text`)
    if (file.rows === 0) throw new UsageError(`${path} has no rows`)
    const values = new Map(wanted.map((name) => [name, new Array<unknown>(file.rows).fill(null)]))
    const progress = startProgress(stream, `reading ${path}`)
    await file.read(
      wanted,
      (name, part, firstRow) => {
        const column = values.get(name) ?? []
        for (let index = 0; index < part.length; index++) column[firstRow + index] = part[index]
      },
      (share) => progress.update(share),
    )
    progress.done(`${file.rows} rows of ${wanted.length} columns`)
    return {
      rows: file.rows,
      kinds,
      column(name) {
        const column = values.get(name)
        if (column === undefined) throw new UsageError(`${path} has no column ${name}`)
        return column
      },
    }
  } finally {
    await file.close()
  }
}

/** A value of a table as a number; NaN where there is none or it is no number. */
export const numberIn = (value: unknown): number => {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (typeof value === 'string' && value.trim() !== '') return Number(value)
  return Number.NaN
}
