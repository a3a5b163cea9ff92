/** Finds the graph to import: an ONNX file, or the one in an MLflow model directory. */
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import { UsageError } from '../command.ts'
import { readMlflow } from './mlflow.ts'

export interface ImportSource {
  /** What the model is called where it comes from. */
  readonly name: string
  readonly file: string
  readonly bytes: Uint8Array
  /** Where files that the graph refers to are. */
  readonly directory: string
  /** The columns a signature names, in order. */
  readonly columns: readonly string[] | undefined
  readonly mlflowVersion: string | undefined
}

const readGraph = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: Error) => {
    throw new UsageError(`cannot read ${path}: ${error.message}`)
  })

/** Throws a UsageError when `path` is neither a file nor an MLflow model directory. */
export const readSource = async (path: string): Promise<ImportSource> => {
  const found = await stat(path).catch(() => {
    throw new UsageError(`${path} does not exist`)
  })
  if (!found.isDirectory()) {
    return {
      name: basename(path, extname(path)),
      file: basename(path),
      bytes: await readGraph(path),
      directory: dirname(path),
      columns: undefined,
      mlflowVersion: undefined,
    }
  }
  const { graph, columns, mlflowVersion } = await readMlflow(path)
  return {
    name: basename(resolve(path)),
    file: basename(graph),
    bytes: await readGraph(graph),
    directory: dirname(graph),
    columns,
    mlflowVersion,
  }
}
