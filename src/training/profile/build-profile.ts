/** Counts training rows into the reference profile that drift is measured against. */
import type { Field } from '../../core/features/feature-view.ts'
import {
  binCount,
  binOf,
  type FieldBins,
  HOUR_OF_WEEK,
  HOURS_PER_WEEK,
  hourOfWeek,
  type PackedCounts,
  type ProfileField,
  type ProfileFieldKind,
  type ProfileOutput,
  packCounts,
  type ReferenceProfile,
} from '../../core/profile/reference-profile.ts'
import { type BinLayout, binOf as layoutBinOf } from '../../core/statistics/bin-counts.ts'
import { jsonFloat32, shortestFloat32 } from '../float32.ts'
import { binEdges } from '../gbdt/bins.ts'
import { columnOf, type Matrix, rowCount } from '../matrix.ts'
import { sampleIndices, seededRandom } from '../random.ts'

/** A field with at most so many values is counted value by value. */
const MAX_VALUES = 32
/** Twenty bins: Siddiqi (Credit Risk Scorecards, 2006) and Evidently bin by ten to thirty; the counts are split by 168 hours too. */
const MAX_BINS = 20
const BACKGROUND_ROWS = 100
const BACKGROUND_SEED = 7

export interface ProfileSource {
  readonly model: string
  readonly version: string
  readonly fields: readonly Field[]
  readonly matrix: Matrix
  /** Of each row, ascending, epoch milliseconds; without it there is one slice for all rows. */
  readonly instants: Float64Array | undefined
  readonly outputs: readonly {
    readonly name: string
    readonly layout: BinLayout
    readonly values: Float32Array
    /** Where the counts do not tell it: see `ProfileOutput`. */
    readonly mean?: ProfileOutput['mean'] | undefined
  }[]
}

const kindOf = (field: Field, bins: FieldBins): ProfileFieldKind => {
  if (field.source === 'time' || (field.source === 'local_time' && field.name !== 'utc_offset_hours')) return 'calendar'
  return 'values' in bins ? 'discrete' : 'continuous'
}

/** The distinct values of `column`, ascending, as long as there are no more than `MAX_VALUES`. */
const fewValues = (column: Float32Array): number[] | undefined => {
  const values = new Set<number>()
  for (const value of column) {
    if (!Number.isNaN(value)) values.add(value)
    if (values.size > MAX_VALUES) return undefined
  }
  return [...values].sort((a, b) => a - b)
}

const binsFor = (column: Float32Array): FieldBins => {
  const values = fewValues(column)
  return values === undefined
    ? { edges: Array.from(binEdges(column, MAX_BINS), shortestFloat32) }
    : { values: values.map(shortestFloat32) }
}

/** Packed counts of `bins` bins for each of `slices` slices. */
const countBins = (
  column: Float32Array,
  sliceOf: (row: number) => number,
  slices: number,
  bins: number,
  bin: (value: number) => number,
): { counts: PackedCounts[]; missing: PackedCounts } => {
  const counts = Array.from({ length: slices }, () => new Float64Array(bins))
  const missing = new Float64Array(slices)
  for (let row = 0; row < column.length; row++) {
    const at = bin(column[row])
    if (at < 0) missing[sliceOf(row)]++
    else counts[sliceOf(row)][at]++
  }
  return { counts: counts.map(packCounts), missing: packCounts(missing) }
}

const rangeOf = (column: Float32Array): readonly [number, number] | null => {
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (const value of column) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return least <= greatest ? [shortestFloat32(least), shortestFloat32(greatest)] : null
}

/**
 * The profile of `matrix`, whose columns are `fields`. Fields of at most 32 values are counted by value, others in 20 bins of about equal
 * counts; outputs in the layout the edge uses. The hundred background rows are drawn by a fixed seed.
 */
export const buildProfile = ({
  model,
  version,
  fields,
  matrix,
  instants,
  outputs,
}: ProfileSource): ReferenceProfile => {
  const rows = rowCount(matrix)
  const width = fields.length
  const slices = instants === undefined ? 1 : HOURS_PER_WEEK
  const hours = instants && Uint8Array.from(instants, hourOfWeek)
  const sliceOf = (row: number): number => hours?.[row] ?? 0

  const profileField = (field: Field): ProfileField => {
    const column = columnOf(matrix, field.name)
    const bins = binsFor(column)
    return {
      name: field.name,
      kind: kindOf(field, bins),
      range: rangeOf(column),
      ...bins,
      ...countBins(column, sliceOf, slices, binCount(bins), (value) => binOf(bins, value)),
    }
  }
  const profileOutput = ({ name, layout, values, mean }: ProfileSource['outputs'][number]): ProfileOutput => {
    const inside = (value: number): number => Math.min(Math.max(layoutBinOf(layout, value), 0), layout.bins - 1)
    const { counts } = countBins(values, sliceOf, slices, layout.bins, inside)
    return { name, layout, counts, ...(mean !== undefined && { mean }) }
  }
  const background = sampleIndices(rows, BACKGROUND_ROWS, seededRandom(BACKGROUND_SEED)).map((row) =>
    Array.from(matrix.values.subarray(row * width, (row + 1) * width), jsonFloat32),
  )
  const iso = (row: number): string | null => (instants === undefined ? null : new Date(instants[row]).toISOString())
  return {
    format: 1,
    model,
    version,
    rows,
    from: iso(0),
    to: iso(rows - 1),
    hour_of_week: instants === undefined ? null : HOUR_OF_WEEK,
    fields: fields.map(profileField),
    outputs: outputs.map(profileOutput),
    background: { fields: matrix.names, rows: background },
  }
}
