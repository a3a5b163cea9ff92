/** From rows of a feature view to the tensors a graph asks for. */
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { Tensor, Tensors } from './ports.ts'

export interface InputTensors {
  readonly tensors: Tensors
  /** Row → why its values do not fit. Zeros stand in their place, and what comes out for that row means nothing. */
  readonly refused: ReadonlyMap<number, Failure>
}

type Refuse = (row: number, column: number, problem: string) => void
type Fill = (features: FeatureRows, rows: number, refuse: Refuse) => Tensor['data']

/** How a number becomes an element of a tensor. `problem` says why it cannot; a NaN is a missing value. */
interface Element<E> {
  create(length: number): Tensor['data'] & { [at: number]: E }
  convert(value: number): E
  problem?(value: number): string | undefined
}

const FP32: Element<number> = { create: (length) => new Float32Array(length), convert: (value) => value }
const FP64: Element<number> = { create: (length) => new Float64Array(length), convert: (value) => value }

/** Towards zero, as a cast in numpy does. */
const within = (datatype: string, limit: number) => (value: number) => {
  if (Number.isNaN(value)) return `is missing, and ${datatype} has no missing value`
  return value >= -limit && value < limit ? undefined : `is ${value}, too large for ${datatype}`
}
const INT32: Element<number> = {
  create: (length) => new Int32Array(length),
  convert: Math.trunc,
  problem: within('INT32', 2 ** 31),
}
const INT64: Element<bigint> = {
  create: (length) => new BigInt64Array(length),
  convert: (value) => BigInt(Math.trunc(value)),
  problem: within('INT64', 2 ** 63),
}
const BOOL: Element<number> = {
  create: (length) => new Uint8Array(length),
  convert: (value) => (value === 0 ? 0 : 1),
  problem: within('BOOL', Number.POSITIVE_INFINITY),
}

const fillWith =
  <E>({ create, convert, problem }: Element<E>, columns: readonly number[], width: number): Fill =>
  ({ numbers }, rows, refuse) => {
    const data = create(rows * columns.length)
    const cells: { [at: number]: E } = data
    let at = 0
    for (let row = 0; row < rows; row++) {
      for (const column of columns) {
        const value = numbers[row * width + column] ?? Number.NaN
        const reason = problem?.(value)
        if (reason === undefined) cells[at] = convert(value)
        else refuse(row, column, reason)
        at++
      }
    }
    return data
  }

/** A string that is missing goes in as the empty string: ONNX has no missing one. */
const fillStrings =
  (name: string, columns: readonly number[], width: number): Fill =>
  ({ strings }, rows) => {
    if (strings === null) throw new Failure('model_failed', `input "${name}" takes strings and was given none`)
    return Array.from(
      { length: rows * columns.length },
      (_, at) => strings[Math.floor(at / columns.length) * width + (columns[at % columns.length] ?? 0)] ?? '',
    )
  }

/** A row of the view as it is: what nearly every model takes. */
const fillWhole: Fill = ({ numbers }) => new Float32Array(numbers)

const fillFor = (input: Manifest['inputs'][number], names: readonly string[]): Fill => {
  const width = names.length
  const columns = input.fields.map((field) => names.indexOf(field))
  switch (input.datatype) {
    case 'FP32':
      return columns.length === width && columns.every((column, index) => column === index)
        ? fillWhole
        : fillWith(FP32, columns, width)
    case 'FP64':
      return fillWith(FP64, columns, width)
    case 'INT32':
      return fillWith(INT32, columns, width)
    case 'INT64':
      return fillWith(INT64, columns, width)
    case 'BOOL':
      return fillWith(BOOL, columns, width)
    case 'BYTES':
      return fillStrings(input.name, columns, width)
  }
}

/** The fields that stay strings, because the graph encodes them itself. */
export const stringFields = (manifest: Manifest): ReadonlySet<string> =>
  new Set(manifest.inputs.filter(({ datatype }) => datatype === 'BYTES').flatMap(({ fields }) => fields))

/**
 * Compiles the inputs of a checked manifest into code that fills them. `features` holds whole rows in the order of the manifest's
 * feature view, shape [rows, fields]; each tensor comes out in the manifest's shape with `rows` for -1.
 */
export const compileInputs = (manifest: Manifest): ((features: FeatureRows) => InputTensors) => {
  const names = manifest.feature_view.fields.map(({ name }) => name)
  const inputs = manifest.inputs.map((input) => ({ ...input, fill: fillFor(input, names) }))
  return (features) => {
    const rows = features.numbers.length / names.length
    const refused = new Map<number, Failure>()
    const refuse: Refuse = (row, column, problem) => {
      refused.set(row, new Failure('invalid_feature', `field "${names[column]}" ${problem}`, names[column]))
    }
    const tensors: Record<string, Tensor> = {}
    for (const { name, datatype, shape, fill } of inputs) {
      tensors[name] = { datatype, shape: [rows, ...shape.slice(1)], data: fill(features, rows, refuse) }
    }
    return { tensors, refused }
  }
}
