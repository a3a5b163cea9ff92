/** Makes the graph that will be served out of the one that was exported: one file, tensors only, outputs by their answered names. */
import { UsageError } from '../command.ts'
import { inlineExternalData } from '../graph/external-data.ts'
import { decodeModel, encodeModel, type Graph, mainGraph } from '../graph/graph-model.ts'
import { opsetsOf } from '../graph/operators.ts'
import { renameOutput } from '../graph/rename-output.ts'
import { stripZipMaps } from '../graph/zip-map.ts'

/** An output to answer, and the name to answer it under. */
export interface Answer {
  readonly output: string
  readonly as: string
}

export interface PreparedGraph {
  /** The file's own bytes where nothing had to be changed. */
  readonly bytes: Uint8Array
  readonly graph: Graph
  /** What was changed, for people. */
  readonly changes: readonly string[]
  /** Output, as it is answered → the classes of its columns, from a ZipMap. */
  readonly labels: ReadonlyMap<string, readonly (string | number)[]>
  readonly producer: string
  readonly opsets: Readonly<Record<string, number>>
  /** Column names that the exporter left in the metadata. */
  readonly columns: readonly string[] | undefined
}

/** `NAME` or `NAME=ANSWERED`. Throws a UsageError for an empty name. */
export const readAnswer = (text: string): Answer => {
  const at = text.indexOf('=')
  const [output, as] = at < 0 ? [text, text] : [text.slice(0, at), text.slice(at + 1)]
  if (output === '' || as === '') throw new UsageError(`--answer ${text}: expected NAME or NAME=ANSWERED_NAME`)
  return { output, as }
}

/** Throws a UsageError for what is no ONNX model, weights that are missing, and answers that the graph does not have. */
export const prepareGraph = async (
  exported: Uint8Array,
  what: string,
  directory: string,
  answers: readonly Answer[],
): Promise<PreparedGraph> => {
  const model = decodeModel(exported, what)
  const changes: string[] = []
  const files = await inlineExternalData(model, directory)
  if (files.length > 0) changes.push(`weights from ${files.join(', ')} moved into the graph`)
  const zipMaps = stripZipMaps(model)
  for (const { output } of zipMaps) {
    changes.push(`ZipMap taken off output "${output}": it is a tensor of probabilities now, one column a class`)
  }
  const nameOf = (output: string): string => answers.find((answer) => answer.output === output)?.as ?? output
  for (const { output, as } of answers) {
    if (output === as) continue
    renameOutput(model, output, as)
    changes.push(`output "${output}" renamed "${as}"`)
  }
  if (changes.length > 0 && model.functions.length > 0) {
    throw new UsageError(`${what} holds functions of its own, which cannot be rewritten; export it without`)
  }
  const { producerName, producerVersion, metadataProps } = model
  const columns = metadataProps.find(({ key }) => key === 'features')?.value?.split(',')
  return {
    bytes: changes.length > 0 ? encodeModel(model) : exported,
    graph: mainGraph(model),
    changes,
    labels: new Map(zipMaps.map(({ output, labels }) => [nameOf(output), labels])),
    producer: [producerName, producerVersion].filter((part) => part !== '').join(' '),
    opsets: Object.fromEntries(opsetsOf(model).map(({ domain, version }) => [domain, version])),
    columns,
  }
}
