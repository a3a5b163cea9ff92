/** Runs a version on the rows of a batch so that a row the graph cannot take fails alone, and a session that broke is told apart. */
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background } from './ports.ts'
import type { ServedModel } from './served-model.ts'
import type { SessionRegistry } from './session-registry.ts'

export interface RowsRun {
  /** One for each row, in order. */
  readonly results: readonly (RowOutputs | Failure)[]
  /** The session broke: every result is that failure, and none is the row's fault. */
  readonly isBroken: boolean
}

const rowsFrom = ({ numbers, strings }: FeatureRows, from: number, to: number, width: number): FeatureRows => ({
  numbers: numbers.subarray(from * width, to * width),
  strings: strings === null ? null : strings.slice(from * width, to * width),
})

/** What throws as a whole is run again, then halved until each row that throws stands alone: 2·log₂ of the rows for one of them. */
const runHalved = async (
  model: ServedModel,
  features: FeatureRows,
  rows: number,
): Promise<readonly (RowOutputs | Failure)[]> => {
  try {
    return await model.loaded.predictRows(features)
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    if (rows <= 1) return [failure]
    const middle = rows >> 1
    const width = features.numbers.length / rows
    const first = await runHalved(model, rowsFrom(features, 0, middle, width), middle)
    return [...first, ...(await runHalved(model, rowsFrom(features, middle, rows, width), rows - middle))]
  }
}

/** Runs a leased `model` on `rows` rows. Throws only what is no Failure. */
export const runRows = async (
  sessions: SessionRegistry,
  model: ServedModel,
  features: FeatureRows,
  rows: number,
  background: Background,
): Promise<RowsRun> => {
  try {
    return { results: await model.loaded.predictRows(features), isBroken: false }
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    if (await sessions.hasBroken(model, background)) {
      return { results: new Array<Failure>(rows).fill(failure), isBroken: true }
    }
    return { results: await runHalved(model, features, rows), isBroken: false }
  }
}
