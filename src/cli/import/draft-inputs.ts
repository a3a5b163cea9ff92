/** Which columns of the table fill which input of the graph. */
import type { Manifest } from '../../protocol/manifest.ts'
import type { ModelSession } from '../../serving/ports.ts'
import { rowWidth } from '../../serving/row-width.ts'
import { UsageError } from '../command.ts'
import type { FeatureTable } from '../offline/feature-table.ts'

type Input = Manifest['inputs'][number]

/** Columns for the one input that takes several, most certain first. */
export interface ColumnSources {
  /** What the user said. */
  readonly asked: readonly string[] | undefined
  /** What the model itself says: an MLflow signature, the exporter's metadata. */
  readonly stated: readonly string[] | undefined
  /** The numeric columns of the table that could be features, in its order. */
  readonly numeric: readonly string[]
}

const shapeOf = ({ name, shape }: ModelSession['inputs'][number]): number[] => {
  const [rows, ...rest] = shape.map((size) => (typeof size === 'number' ? size : -1))
  if (rows !== -1) {
    throw new UsageError(
      `input "${name}" has shape [${shape}], a fixed number of rows; export it with a free first dimension (None, dynamic axes)`,
    )
  }
  if (rest.some((size) => size < 1)) {
    throw new UsageError(`input "${name}" has shape [${shape}]; only the first dimension may be free`)
  }
  return [-1, ...rest]
}

const columnsOfWide = (name: string, width: number, sources: ColumnSources): readonly string[] => {
  const { asked, stated, numeric } = sources
  if (asked !== undefined && asked.length !== width) {
    throw new UsageError(`input "${name}" takes ${width} columns and --columns names ${asked.length}`)
  }
  const columns = [asked, stated, numeric].find((list) => list?.length === width)
  if (columns === undefined) {
    throw new UsageError(
      `input "${name}" takes ${width} columns and the table has ${numeric.length} that could fill it, ${numeric.join(', ')}; name them in the graph's order with --columns`,
    )
  }
  return columns
}

/**
 * The inputs of a manifest. An input of one column is filled by the column of its name; one of several by what `sources` says. Throws a
 * UsageError where that cannot be told, where the table holds text for numbers, and for a graph with a fixed number of rows.
 */
export const draftInputs = (
  graphInputs: ModelSession['inputs'],
  kinds: FeatureTable['kinds'],
  sources: ColumnSources,
): Input[] => {
  const wide = graphInputs.filter((input) => rowWidth({ shape: shapeOf(input) }) > 1)
  if (wide.length > 1) {
    throw new UsageError(
      `inputs ${wide.map(({ name }) => `"${name}"`).join(', ')} each take several columns; export one matrix, or one input a column`,
    )
  }
  return graphInputs.map((input) => {
    const shape = shapeOf(input)
    const width = rowWidth({ shape })
    const single = graphInputs.length === 1 && !kinds.has(input.name)
    const fields = width > 1 || single ? columnsOfWide(input.name, width, sources) : [input.name]
    for (const field of fields) {
      if (!kinds.has(field)) {
        throw new UsageError(
          `input "${input.name}" wants column "${field}"; the table has ${[...kinds.keys()].join(', ')}`,
        )
      }
      if (kinds.get(field) === 'text' && input.datatype !== 'BYTES') {
        throw new UsageError(
          `input "${input.name}" takes ${input.datatype} and column "${field}" holds text; encode it inside the graph, or in the table`,
        )
      }
    }
    return { name: input.name, datatype: input.datatype, shape, fields: [...fields] }
  })
}
