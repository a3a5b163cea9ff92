/** Sends rows from all over the feature space through a model and looks at what comes out. */
import { Failure } from '../../core/failure.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import type { LoadedModel } from '../../serving/open-model.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { seededRandom } from '../../training/random.ts'
import { type Check, failed, passed, warning } from './check.ts'
import { type FieldSpace, featureSpace } from './feature-space.ts'
import { type NamedRow, printRow, rowsFor, type Value } from './named-rows.ts'

const BASES = 4
const RANDOM_ROWS = 2_000
const SEED = 11
const SHOWN = 5
/** How far float32 probabilities may leave [0, 1], and their sum 1. */
const PROBABILITY_TOLERANCE = 1e-6
const SUM_TOLERANCE = 1e-3

const pick = <T>(values: readonly T[], random: () => number): T => values[Math.floor(random() * values.length)]

/** `base` with one field after another given each of `values(field)`. */
const oneAtATime = (
  base: NamedRow,
  space: readonly FieldSpace[],
  values: (field: FieldSpace) => readonly Value[],
): NamedRow[] => space.flatMap((field) => values(field).map((value) => ({ ...base, [field.name]: value })))

const rowOf = (space: readonly FieldSpace[], value: (field: FieldSpace) => Value): NamedRow =>
  Object.fromEntries(space.map((field) => [field.name, value(field)]))

export interface SweepRows {
  readonly inside: readonly NamedRow[]
  readonly outside: readonly NamedRow[]
}

/**
 * Rows for a manifest: ordinary ones with each field at each of its values in turn, rows where every field is at its first or last value
 * (missing, where it may be), and 2,000 where each field is at any of its own, by a fixed seed.
 */
export const sweepRows = (manifest: Manifest): SweepRows => {
  const space = featureSpace(manifest)
  const random = seededRandom(SEED)
  const ordinary = rowOf(space, ({ inside }) => inside[0])
  const bases = [ordinary, ...Array.from({ length: BASES }, () => rowOf(space, ({ inside }) => pick(inside, random)))]
  const corners = [ordinary, rowOf(space, ({ inside }) => inside[inside.length - 1])]
  const mixed = Array.from({ length: RANDOM_ROWS }, () => rowOf(space, ({ inside }) => pick(inside, random)))
  return {
    inside: [...corners, ...bases.flatMap((base) => oneAtATime(base, space, ({ inside }) => inside)), ...mixed],
    outside: oneAtATime(ordinary, space, ({ outside }) => outside),
  }
}

/** What is wrong with an answer; `undefined` if nothing is. */
const faultOf = (manifest: Manifest, answer: RowOutputs | Failure): string | undefined => {
  if (answer instanceof Failure) return answer.message
  for (const { name, kind } of manifest.outputs) {
    const output = answer[name]
    if (output === undefined || kind === 'value') continue
    const shares = typeof output === 'number' ? [output] : output.probabilities
    const stray = shares.find((share) => share < -PROBABILITY_TOLERANCE || share > 1 + PROBABILITY_TOLERANCE)
    if (stray !== undefined) return `output "${name}" is ${stray}, no probability`
    const sum = shares.reduce((total, share) => total + share, 0)
    if (kind === 'distribution' && Math.abs(sum - 1) > SUM_TOLERANCE) {
      return `output "${name}" adds up to ${sum}, not to 1`
    }
  }
  return undefined
}

const faultsIn = async (model: LoadedModel, rows: readonly NamedRow[]): Promise<string[]> => {
  const answers = await model.predictRows(rowsFor(model.manifest, rows))
  return answers.flatMap((answer, row) => {
    const fault = faultOf(model.manifest, answer)
    return fault === undefined ? [] : [`${fault}: ${printRow(rows[row])}`]
  })
}

/** Fails when a row inside the feature space has no proper answer; warns when only one far outside it has none. */
export const checkSweep = async (model: LoadedModel): Promise<Check> => {
  const { inside, outside } = sweepRows(model.manifest)
  const faults = await faultsIn(model, inside)
  const farFaults = outside.length === 0 ? [] : await faultsIn(model, outside)
  const figures = {
    rows: inside.length,
    faults: faults.length,
    rows_outside: outside.length,
    faults_outside: farFaults.length,
  }
  if (faults.length > 0) {
    const message = `${faults.length} of ${inside.length} rows inside the feature space have no proper answer`
    return failed('sweep', message, { details: faults.slice(0, SHOWN), figures })
  }
  if (farFaults.length > 0) {
    const message = `${farFaults.length} of ${outside.length} rows far outside the training range have no proper answer; the ${inside.length} inside do`
    return warning('sweep', message, { details: farFaults.slice(0, SHOWN), figures })
  }
  return passed(
    'sweep',
    `finite and proper for ${inside.length} rows: edges, missing values, ${outside.length} far outside`,
    {
      figures: { ...figures, rows: inside.length },
    },
  )
}
