/** Reads the description of an MLflow model directory: where its ONNX graph is, and which columns its signature names. */
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { UsageError } from '../command.ts'

export const MLMODEL = 'MLmodel'

const mlmodelSchema = z.object({
  artifact_path: z.string().nullish(),
  flavors: z.record(z.string(), z.object({ data: z.string().optional() })),
  mlflow_version: z.string().optional(),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
})

/** A signature's inputs: columns with names, or tensors. */
const signatureInputs = z.array(z.object({ type: z.string(), name: z.string().optional() }))

export interface MlflowModel {
  /** The graph's path. */
  readonly graph: string
  /** The columns of the signature, in its order; `undefined` where it names none. */
  readonly columns: readonly string[] | undefined
  readonly mlflowVersion: string | undefined
}

const signatureColumns = (text: string | null | undefined): readonly string[] | undefined => {
  if (text === null || text === undefined) return undefined
  const inputs = signatureInputs.safeParse(JSON.parse(text))
  if (!inputs.success || inputs.data.some(({ type, name }) => type === 'tensor' || name === undefined)) return undefined
  return inputs.data.map(({ name }) => name ?? '')
}

/**
 * Reads `MLmodel` in `directory`. Throws a UsageError when it is not there, cannot be read, or describes no ONNX graph, with what to do
 * about it.
 */
export const readMlflow = async (directory: string): Promise<MlflowModel> => {
  const file = join(directory, MLMODEL)
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${directory} is no MLflow model: it has no ${MLMODEL}`)
  })
  const refuse = (problem: string): never => {
    throw new UsageError(`${file}: ${problem}`)
  }
  try {
    const model = mlmodelSchema.parse(parse(text))
    const flavour = model.flavors.onnx
    if (flavour === undefined) {
      const names = Object.keys(model.flavors).join(', ')
      return refuse(
        `there is no ONNX flavour, only ${names}; convert the model and save it with mlflow.onnx.save_model`,
      )
    }
    const graph = join(directory, flavour.data ?? 'model.onnx')
    const inside = relative(directory, graph)
    if (inside.startsWith('..') || isAbsolute(inside))
      refuse(`the graph is said to be outside the directory, at ${inside}`)
    return { graph, columns: signatureColumns(model.signature?.inputs), mlflowVersion: model.mlflow_version }
  } catch (error) {
    if (error instanceof UsageError) throw error
    return refuse(error instanceof z.ZodError ? z.prettifyError(error) : String(error))
  }
}
