/** Golden rows: inputs with the outputs another runtime gave for them, which a model must give here too before it may answer. */
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { checkOutputs } from './check-signature.ts'
import { compileInputs, stringFields } from './input-tensors.ts'
import type { Tensor, Tensors } from './ports.ts'
import { rowWidth } from './row-width.ts'

type Golden = Manifest['golden'][number]
type Output = Manifest['outputs'][number]

/** Rows of the feature view with the golden inputs in them, NaN where the golden row says `null` or an unused field is left out. */
export const goldenFeatures = (manifest: Manifest): FeatureRows => {
  const names = manifest.feature_view.fields.map(({ name }) => name)
  const used = new Set(manifest.inputs.flatMap(({ fields }) => fields))
  const texts = stringFields(manifest)
  const numbers = new Float64Array(manifest.golden.length * names.length).fill(Number.NaN)
  const strings = texts.size === 0 ? null : new Array<string | null>(numbers.length).fill(null)
  for (const [row, { inputs }] of manifest.golden.entries()) {
    for (const [column, name] of names.entries()) {
      const value = inputs[name]
      const at = row * names.length + column
      const wanted = texts.has(name) ? 'string' : 'number'
      if (value === undefined && used.has(name)) {
        throw new Failure('model_unavailable', `golden[${row}] has no value for field "${name}"`)
      }
      if (value === undefined || value === null) continue
      if (typeof value === 'number' && wanted === 'number') numbers[at] = value
      else if (typeof value === 'string' && wanted === 'string' && strings !== null) strings[at] = value
      else
        throw new Failure(
          'model_unavailable',
          `golden[${row}]: field "${name}" must be a ${wanted}, not ${JSON.stringify(value)}`,
        )
    }
  }
  return { numbers, strings }
}

/** Which columns of an output are answered, and so stored: all of them, or the one its manifest names. */
const answeredColumns = (output: Output): readonly number[] =>
  output.column === undefined ? Array.from({ length: rowWidth(output) }, (_, column) => column) : [output.column]

/** The stored values of one output; `null` is NaN. */
const expected = ({ outputs }: Golden, name: string, row: number, width: number): readonly number[] => {
  const stored = outputs[name]
  const values = stored === null ? [Number.NaN] : Array.isArray(stored) ? stored : [stored]
  if (values.length !== width || !values.every((value) => typeof value === 'number')) {
    throw new Failure(
      'model_unavailable',
      `golden[${row}]: output "${name}" must be ${width === 1 ? 'a number' : `${width} numbers`}, not ${JSON.stringify(stored)}`,
    )
  }
  return values
}

const agrees = (found: number, stored: number, tolerance: number): boolean =>
  Number.isNaN(stored) ? Number.isNaN(found) : Math.abs(found - stored) <= tolerance

/** The greatest difference of one output in one row; a Failure when it is more than the row tolerates. */
const compare = (golden: Golden, row: number, output: Output, { data }: Tensor): number => {
  const { name } = output
  const width = rowWidth(output)
  const columns = answeredColumns(output)
  let greatest = 0
  for (const [index, stored] of expected(golden, name, row, columns.length).entries()) {
    const found = Number(data[row * width + (columns[index] ?? 0)])
    if (!agrees(found, stored, golden.tolerance)) {
      const place = columns.length === 1 ? '' : `[${index}]`
      throw new Failure(
        'model_unavailable',
        `golden[${row}]: output "${name}"${place} is ${found} and should be ${stored}, give or take ${golden.tolerance}`,
      )
    }
    if (!Number.isNaN(stored)) greatest = Math.max(greatest, Math.abs(found - stored))
  }
  return greatest
}

/**
 * Runs all golden rows at once and compares every output, |found - stored| ≤ tolerance (absolute: ORT and numpy differ by 1e-8 in the
 * tail of a sigmoid). Returns the greatest difference. Throws Failure `model_unavailable` naming the first that differs too much, with
 * both values; else what `infer` throws.
 */
export const checkGolden = async (
  manifest: Manifest,
  infer: (inputs: Tensors) => Promise<Tensors>,
): Promise<number> => {
  const { tensors, refused } = compileInputs(manifest)(goldenFeatures(manifest))
  for (const [row, failure] of refused) {
    throw new Failure('model_unavailable', `golden[${row}]: ${failure.message}`)
  }
  const outputs = await infer(tensors)
  checkOutputs(manifest, outputs, manifest.golden.length)
  let greatest = 0
  for (const output of manifest.outputs) {
    const tensor = outputs[output.name]
    if (tensor === undefined) continue
    for (const [row, golden] of manifest.golden.entries()) {
      greatest = Math.max(greatest, compare(golden, row, output, tensor))
    }
  }
  return greatest
}
