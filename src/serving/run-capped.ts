/** Runs a session on any number of rows, a bounded number of them at once. */
import { Failure } from '../core/failure.ts'
import type { ModelSession, Tensor, Tensors } from './ports.ts'

/** WebAssembly memory grows with the rows of one run and never shrinks: 197 MB after a million, where an isolate has 128 (2026-11). */
export const MAX_ROWS_PER_RUN = 1_024

/** How many rows go in. Throws Failure `invalid_parameter` when there is no input, or when they differ. */
export const rowsOf = (inputs: Tensors): number => {
  const entries = Object.entries(inputs)
  const [first] = entries
  if (first === undefined) throw new Failure('invalid_parameter', 'there is no input tensor')
  const rows = first[1].shape[0] ?? 0
  for (const [name, { shape }] of entries) {
    if (shape[0] !== rows) {
      throw new Failure('invalid_parameter', `input "${name}" has ${shape[0]} rows, input "${first[0]}" has ${rows}`)
    }
  }
  return rows
}

const slice = (tensor: Tensor, rows: number, from: number, to: number): Tensor => {
  const { data } = tensor
  const width = data.length / rows
  const part = 'subarray' in data ? data.subarray(from * width, to * width) : data.slice(from * width, to * width)
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data: part }
}

const sliceAll = (tensors: Tensors, rows: number, from: number, to: number): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, slice(tensor, rows, from, to)]))

type NumberArray = Exclude<Tensor['data'], readonly string[]>

const joinNumbers = (first: NumberArray, parts: readonly NumberArray[]): NumberArray => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += part.byteLength
  }
  return new (first.constructor as new (buffer: ArrayBuffer) => NumberArray)(bytes.buffer)
}

/** One tensor below the other. Throws Failure `model_failed` when they are not as many rows as went in. */
const stack = (name: string, parts: readonly Tensor[], rows: number): Tensor => {
  const height = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)
  const [first] = parts
  if (first === undefined || height !== rows) {
    throw new Failure('model_failed', `output "${name}" has ${height} rows for ${rows} rows of input`)
  }
  const numbers = parts.flatMap(({ data }) => ('subarray' in data ? [data] : []))
  const strings = parts.flatMap(({ data }) => ('subarray' in data ? [] : data))
  const data = 'subarray' in first.data ? joinNumbers(first.data, numbers) : strings
  return { ...first, shape: [rows, ...first.shape.slice(1)], data }
}

/**
 * `session.run` in slices of at most `maximum` rows, one after the other, the outputs joined again.
 * Throws Failure `invalid_parameter` when the inputs differ in rows, else what `run` throws.
 */
export const runCapped = async (
  session: ModelSession,
  inputs: Tensors,
  outputNames: readonly string[],
  maximum = MAX_ROWS_PER_RUN,
): Promise<Tensors> => {
  const rows = rowsOf(inputs)
  if (rows <= maximum) return session.run(inputs, outputNames)
  const parts: Tensors[] = []
  for (let from = 0; from < rows; from += maximum) {
    parts.push(await session.run(sliceAll(inputs, rows, from, Math.min(from + maximum, rows)), outputNames))
  }
  const joined = (name: string): Tensor => {
    const tensors = parts.flatMap((part) => part[name] ?? [])
    return stack(name, tensors, rows)
  }
  return Object.fromEntries(outputNames.map((name) => [name, joined(name)]))
}
