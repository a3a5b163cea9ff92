/** Tensors as the Open Inference Protocol writes them in JSON, and the tensors of the ports: compared with what the model takes, and back. */
import { Failure, quote } from '../core/failure.ts'
import type { JsonValue } from '../core/json.ts'
import { type BodyLimits, describeLimits } from '../protocol/body.ts'
import { type InferenceInput, type InferenceOutput, shown } from '../protocol/inference.ts'
import type { Manifest, TensorDatatype } from '../protocol/manifest.ts'
import type { Tensor, Tensors } from './ports.ts'

const refuse: (message: string) => never = (message) => {
  throw new Failure('invalid_parameter', message)
}

/** How the elements of a datatype are read; `read` answers `undefined` for what is no such element. */
interface Element<E> {
  create(length: number): Tensor['data'] & { [at: number]: E }
  read(value: JsonValue | undefined): E | undefined
}

const readFloat = (value: JsonValue | undefined): number | undefined => {
  if (value === null) return Number.NaN
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}
const finiteIn = (round: (value: number) => number) => (value: JsonValue | undefined) => {
  const number = readFloat(value)
  return number === undefined || Math.abs(round(number)) === Number.POSITIVE_INFINITY ? undefined : number
}

const FP32: Element<number> = { create: (length) => new Float32Array(length), read: finiteIn(Math.fround) }
const FP64: Element<number> = { create: (length) => new Float64Array(length), read: finiteIn(Number) }
const INT32: Element<number> = {
  create: (length) => new Int32Array(length),
  read: (value) => (typeof value === 'number' && (value | 0) === value ? value : undefined),
}
/** A number that is no safe integer was not written as one, and what was meant cannot be known: long integers come as bigints. */
const INT64: Element<bigint> = {
  create: (length) => new BigInt64Array(length),
  read: (value) => {
    const integer = Number.isSafeInteger(value) ? BigInt(value as number) : value
    return typeof integer === 'bigint' && BigInt.asIntN(64, integer) === integer ? integer : undefined
  },
}
const BOOL: Element<number> = {
  create: (length) => new Uint8Array(length),
  read: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
}
const BYTES: Element<string> = {
  create: (length) => new Array<string>(length),
  read: (value) => (typeof value === 'string' ? value : undefined),
}

/** The place of element `at` in a tensor of that shape, as `[row,column]`. */
const placeOf = (at: number, shape: readonly number[]): string => {
  const place: number[] = []
  let rest = at
  for (const size of shape.toReversed()) {
    place.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return `[${place}]`
}

const fill = <E>({ create, read }: Element<E>, input: InferenceInput, elements: readonly JsonValue[]) => {
  const data = create(elements.length)
  const cells: { [at: number]: E } = data
  for (let at = 0; at < elements.length; at++) {
    const element = read(elements[at])
    if (element === undefined) {
      const { name, shape, datatype } = input
      refuse(`input "${name}" has ${shown(elements[at])} at ${placeOf(at, shape)}, which is no ${datatype}`)
    }
    cells[at] = element
  }
  return data
}

const fillAs = (datatype: TensorDatatype, input: InferenceInput, elements: readonly JsonValue[]): Tensor['data'] => {
  switch (datatype) {
    case 'FP32':
      return fill(FP32, input, elements)
    case 'FP64':
      return fill(FP64, input, elements)
    case 'INT32':
      return fill(INT32, input, elements)
    case 'INT64':
      return fill(INT64, input, elements)
    case 'BOOL':
      return fill(BOOL, input, elements)
    case 'BYTES':
      return fill(BYTES, input, elements)
  }
}

/** The elements in row-major order, of data that is flat or nested exactly as the shape says. */
const flatten = ({ name, shape, data }: InferenceInput): readonly JsonValue[] => {
  if (!Array.isArray(data[0])) {
    const size = shape.reduce((product, length) => product * length, 1)
    if (data.length !== size) refuse(`input "${name}" has ${data.length} elements; shape [${shape}] holds ${size}`)
    return data
  }
  let level: JsonValue[] = [data]
  for (const [depth, length] of shape.entries()) {
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== length) {
        const found = Array.isArray(part) ? `an array of ${part.length}` : shown(part)
        refuse(
          `input "${name}" has ${found} at depth ${depth} of its data; shape [${shape}] has an array of ${length} there`,
        )
      }
    }
    level = level.flat(1) as JsonValue[]
  }
  return level
}

const readInput = (input: InferenceInput, wanted: Manifest['inputs'][number], limits: BodyLimits): Tensor => {
  const { name, datatype, shape } = input
  if (datatype !== wanted.datatype) refuse(`input "${name}" is ${quote(datatype)}; the model takes ${wanted.datatype}`)
  if (
    shape.length !== wanted.shape.length ||
    wanted.shape.some((size, dimension) => size >= 0 && size !== shape[dimension])
  ) {
    refuse(`input "${name}" has shape ${shown([...shape])}; the model takes [${wanted.shape}]`)
  }
  const [rows = 0] = shape
  if (rows > limits.maxEvents) {
    throw new Failure(
      'too_many_events',
      `input "${name}" has ${rows} rows, and a row counts as an event; ${describeLimits(limits)}`,
    )
  }
  return { datatype: wanted.datatype, shape, data: fillAs(wanted.datatype, input, flatten(input)) }
}

const quoted = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => `"${name}"`).join(', ')

/**
 * The tensors of the request, which must be the manifest's inputs: each once, in its datatype and shape, all of the same number of rows.
 * Throws Failure `invalid_parameter` naming the input, what it is and what is wanted, or `too_many_events`.
 */
export const readInputs = (
  { inputs: wanted }: Manifest,
  given: readonly InferenceInput[],
  limits: BodyLimits,
): Tensors => {
  const tensors = new Map<string, Tensor>()
  for (const input of given) {
    const { name } = input
    const match = wanted.find((candidate) => candidate.name === name)
    if (match === undefined) refuse(`the model has no input ${quote(name)}; it takes ${quoted(wanted)}`)
    if (tensors.has(name)) refuse(`input "${name}" is given twice`)
    tensors.set(name, readInput(input, match, limits))
  }
  const missing = wanted.find(({ name }) => !tensors.has(name))
  if (missing !== undefined) refuse(`input "${missing.name}" is missing; the model takes ${quoted(wanted)}`)
  return Object.fromEntries(tensors)
}

/** The names of the outputs asked for, each once; all of them when none is. Throws Failure `invalid_parameter` for one that is not there. */
export const readOutputNames = (
  { outputs }: Manifest,
  asked: readonly { readonly name: string }[] = [],
): readonly string[] => {
  const unknown = asked.find(({ name }) => !outputs.some((output) => output.name === name))
  if (unknown !== undefined) {
    refuse(`the model has no output ${quote(unknown.name)}; it puts out ${quoted(outputs)}`)
  }
  return [...new Set((asked.length === 0 ? outputs : asked).map(({ name }) => name))]
}

/** A number where it is exact as one: those are quicker to write. */
const shortest = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const elementsOf = (name: string, { datatype, shape, data }: Tensor): JsonValue[] => {
  if (!('subarray' in data)) return [...data]
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0)
  if (data instanceof BigInt64Array) return Array.from(data, shortest)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) {
    const place = placeOf(bad, shape)
    throw new Failure('model_failed', `output "${name}" is ${data[bad]} at ${place}, and JSON has no such number`)
  }
  return Array.from(data)
}

/** A tensor as the answer holds it, flat. Throws Failure `model_failed` where an element is not finite: JSON has no such number. */
export const writeOutput = (name: string, tensor: Tensor | undefined): InferenceOutput => {
  if (tensor === undefined) throw new Failure('model_failed', `output "${name}" did not come out`)
  return { name, shape: [...tensor.shape], datatype: tensor.datatype, data: elementsOf(name, tensor) }
}
