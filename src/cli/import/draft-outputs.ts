/** What the outputs of a graph mean, judged by what came out for the rows of a table. */
import type { Manifest } from '../../protocol/manifest.ts'
import type { Tensor, Tensors } from '../../serving/ports.ts'
import { rowWidth } from '../../serving/row-width.ts'
import { UsageError } from '../command.ts'

type Output = Manifest['outputs'][number]
type Labels = readonly (string | number)[]

export interface OutputHints {
  /** The outputs asked for, as they are called in the graph to serve; empty for all that can be answered. */
  readonly answers: readonly string[]
  /** Of outputs of one column: what the user said they are. */
  readonly kind: 'probability' | 'value' | undefined
  /** What the user said the columns of a distribution stand for. */
  readonly labels: Labels | undefined
  /** What the graph itself says of an output's columns. */
  labelsOf(output: string, columns: number): Labels | undefined
}

export interface DraftedOutputs {
  readonly outputs: readonly Output[]
  /** How each was judged, for people. */
  readonly notes: readonly string[]
}

/** How far from 1 float32 probabilities may add up. */
const SUM_TOLERANCE = 1e-3

const isWithinUnit = ({ data }: Tensor): boolean =>
  Array.from(data as ArrayLike<number | bigint>, Number).every(
    (value) => Number.isNaN(value) || (value >= 0 && value <= 1),
  )

const addsUpToOne = (tensor: Tensor, width: number): boolean => {
  const { data } = tensor
  for (let at = 0; at < data.length; at += width) {
    let sum = 0
    for (let column = 0; column < width; column++) sum += Number(data[at + column])
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return false
  }
  return isWithinUnit(tensor)
}

const isFloat = ({ datatype }: Tensor): boolean => datatype === 'FP32' || datatype === 'FP64'

/** A classifier's class label goes beside its probabilities and says less than they do. */
const withoutLabels = (tensors: Tensors): string[] => {
  const numeric = Object.keys(tensors).filter((name) => tensors[name].datatype !== 'BYTES')
  const floats = numeric.filter((name) => isFloat(tensors[name]))
  return floats.length > 0 ? floats : numeric
}

const draftOutput = (name: string, tensor: Tensor, hints: OutputHints): { output: Output; note: string } => {
  const shape = [-1, ...tensor.shape.slice(1)]
  const width = rowWidth({ shape })
  const base = { name, datatype: tensor.datatype, shape }
  if (tensor.datatype === 'BYTES') throw new UsageError(`output "${name}" is text; only numbers can be answered`)
  if (width === 1) {
    const kind = hints.kind ?? (isFloat(tensor) && isWithinUnit(tensor) ? 'probability' : 'value')
    const why = hints.kind === undefined ? ' (judged by the rows; --kind says otherwise)' : ''
    return { output: { ...base, kind }, note: `output "${name}": a ${kind}${why}` }
  }
  if (!addsUpToOne(tensor, width)) {
    throw new UsageError(
      `output "${name}" has ${width} columns that do not add up to 1: no distribution; choose another with --answer`,
    )
  }
  const stated = hints.labels ?? hints.labelsOf(name, width)
  if (width === 2 && hints.labels === undefined) {
    const which = stated === undefined ? 'column 1, the second class' : `column 1, class ${JSON.stringify(stated[1])}`
    return { output: { ...base, kind: 'probability', column: 1 }, note: `output "${name}": a probability, ${which}` }
  }
  const labels = stated ?? Array.from({ length: width }, (_, label) => label)
  if (labels.length !== width) {
    throw new UsageError(`output "${name}" has ${width} columns and --labels names ${labels.length}`)
  }
  const note = `output "${name}": a distribution over ${labels.join(', ')}`
  return { output: { ...base, kind: 'distribution', labels: [...labels] }, note }
}

/**
 * The outputs of a manifest for what came out as `tensors`. Two columns that add up to 1 are a binary classifier's: the second is the
 * probability. More are a distribution. Throws a UsageError for what can be neither.
 */
export const draftOutputs = (tensors: Tensors, hints: OutputHints): DraftedOutputs => {
  const chosen = hints.answers.length > 0 ? hints.answers : withoutLabels(tensors)
  const drafts = chosen.map((name) => draftOutput(name, tensors[name], hints))
  if (drafts.length === 0) throw new UsageError('the graph puts out no tensor of numbers: there is nothing to answer')
  const left = Object.keys(tensors).filter((name) => !chosen.includes(name))
  return {
    outputs: drafts.map(({ output }) => output),
    notes: [
      ...drafts.map(({ note }) => note),
      ...left.map((name) => `output "${name}": not answered (a class label, or not asked for)`),
    ],
  }
}
