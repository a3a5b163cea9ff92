/** Whether a graph takes what its manifest says and puts out what it says. */
import { Failure } from '../core/failure.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { ModelSession, Tensors } from './ports.ts'

const disagree: (message: string) => never = (message) => {
  throw new Failure('model_unavailable', message)
}

const quoted = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => `"${name}"`).join(', ')

/** A shape of the graph as the manifest writes it: free dimensions are -1. */
const freed = (shape: readonly (number | string)[]): readonly number[] =>
  shape.map((size) => (typeof size === 'number' ? size : -1))

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, index) => size === b[index])

/**
 * Throws Failure `model_unavailable` naming both sides when the graph takes other inputs than the manifest says, or has not all its
 * outputs. A graph that declares no shape for an input (an empty one here) is believed; the golden rows try it.
 */
export const checkGraph = (manifest: Manifest, session: ModelSession): void => {
  for (const { name, datatype, shape } of session.inputs) {
    const said = manifest.inputs.find((input) => input.name === name)
    if (said === undefined) {
      disagree(`the graph takes an input "${name}"; the manifest has ${quoted(manifest.inputs)}`)
    }
    if (said.datatype !== datatype) {
      disagree(`input "${name}" is ${said.datatype} in the manifest and ${datatype} in the graph`)
    }
    const found = freed(shape)
    if (shape.length > 0 && !sameShape(said.shape, found)) {
      disagree(`input "${name}" has shape [${said.shape}] in the manifest and [${found}] in the graph`)
    }
  }
  for (const { name } of manifest.inputs) {
    if (!session.inputs.some((input) => input.name === name)) {
      disagree(`the manifest has an input "${name}"; the graph takes ${quoted(session.inputs)}`)
    }
  }
  for (const { name } of manifest.outputs) {
    if (!session.outputs.some((output) => output.name === name)) {
      disagree(`the manifest has an output "${name}"; the tensors of the graph are ${quoted(session.outputs)}`)
    }
  }
}

/** Throws Failure `model_unavailable` when what came out for `rows` rows has another type or shape than the manifest says. */
export const checkOutputs = (manifest: Manifest, tensors: Tensors, rows: number): void => {
  for (const { name, datatype, shape } of manifest.outputs) {
    const said = [rows, ...shape.slice(1)]
    const tensor = tensors[name]
    if (tensor === undefined) disagree(`output "${name}" did not come out`)
    if (tensor.datatype !== datatype) {
      disagree(`output "${name}" is ${datatype} in the manifest and came out as ${tensor.datatype}`)
    }
    if (!sameShape(said, tensor.shape)) {
      disagree(
        `output "${name}" for ${rows} rows has shape [${said}] by the manifest and came out as [${tensor.shape}]`,
      )
    }
  }
}
