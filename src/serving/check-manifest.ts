/** Whether a manifest agrees with itself. */
import { Failure } from '../core/failure.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { rowWidth } from './row-width.ts'

const disagree: (message: string) => never = (message) => {
  throw new Failure('model_unavailable', message)
}

const namesOf = (list: readonly { readonly name: string }[]): readonly string[] => list.map(({ name }) => name)

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
    const columns = rowWidth(input)
    if (columns !== input.fields.length) {
      disagree(`${what} has ${columns} columns, shape [${input.shape}], and lists ${input.fields.length} fields`)
    }
    const unknown = input.fields.find((field) => !fields.includes(field))
    if (unknown !== undefined) disagree(`${what} lists field "${unknown}", which the feature view does not have`)
  }
  for (const output of outputs) {
    const what = `output "${output.name}"`
    refuseOddRows(what, output.shape)
    const columns = rowWidth(output)
    if (output.datatype === 'BYTES') disagree(`${what} is BYTES; only numbers can be answered`)
    if (output.kind === 'distribution') {
      if (output.column !== undefined) disagree(`${what} is a distribution, which has no single column`)
    } else if (output.column === undefined) {
      if (columns !== 1) {
        disagree(
          `${what} has ${columns} columns, shape [${output.shape}]; a ${output.kind} has one, or says which "column"`,
        )
      }
    } else if (output.column >= columns) {
      disagree(
        `${what} has ${columns} columns, shape [${output.shape}], counted from 0; there is no column ${output.column}`,
      )
    }
    if (output.labels !== undefined && output.labels.length !== columns) {
      disagree(`${what} has ${columns} columns, shape [${output.shape}], and ${output.labels.length} labels`)
    }
  }
}
