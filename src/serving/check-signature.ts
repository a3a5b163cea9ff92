/** Whether a manifest agrees with itself, with the graph it describes, and with what that graph puts out. */
import { Failure } from '../core/failure.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { outputWidth } from './output-values.ts'
import type { ModelSession, Tensors } from './ports.ts'

type Shape = readonly (number | string)[]

const disagree: (message: string) => never = (message) => {
  throw new Failure('model_unavailable', message)
}

const namesOf = (list: readonly { readonly name: string }[]): readonly string[] => list.map(({ name }) => name)
const quoted = (list: readonly { readonly name: string }[]): string =>
  namesOf(list)
    .map((name) => `"${name}"`)
    .join(', ')

const refuseTwice = (what: string, names: readonly string[]): void => {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) disagree(`${what} "${twice}" stands in the manifest twice`)
}

const refuseOddRows = (what: string, shape: readonly number[]): void => {
  if (shape[0] !== -1 || shape.slice(1).some((size) => size < 1)) {
    disagree(`${what} has shape [${shape}]; the first dimension must be -1, the rows, and the others fixed`)
  }
}

/** Throws Failure `model_unavailable` when the manifest contradicts itself. */
export const checkManifest = ({ feature_view, inputs, outputs }: Manifest): void => {
  const fields = namesOf(feature_view.fields)
  refuseTwice('field', fields)
  refuseTwice('input', namesOf(inputs))
  refuseTwice('output', namesOf(outputs))
  for (const input of inputs) {
    const what = `input "${input.name}"`
    refuseOddRows(what, input.shape)
    const columns = outputWidth(input)
    if (columns !== input.fields.length) {
      disagree(`${what} has ${columns} columns, shape [${input.shape}], and lists ${input.fields.length} fields`)
    }
    const unknown = input.fields.find((field) => !fields.includes(field))
    if (unknown !== undefined) disagree(`${what} lists field "${unknown}", which the feature view does not have`)
  }
  for (const output of outputs) {
    const what = `output "${output.name}"`
    refuseOddRows(what, output.shape)
    const columns = outputWidth(output)
    if (output.datatype === 'BYTES') disagree(`${what} is BYTES; only numbers can be answered`)
    if (output.kind !== 'distribution' && columns !== 1) {
      disagree(`${what} has ${columns} columns, shape [${output.shape}]; a ${output.kind} has one`)
    }
    if (output.labels !== undefined && output.labels.length !== columns) {
      disagree(`${what} has ${columns} columns, shape [${output.shape}], and ${output.labels.length} labels`)
    }
  }
}

/** A shape of the graph as the manifest writes it: free dimensions are -1. */
const freed = (shape: Shape): readonly number[] => shape.map((size) => (typeof size === 'number' ? size : -1))

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
