/** A loaded model together with the code that makes its feature rows: what a prediction works with. */
import { compileFeatureView, type FeatureComputer, type FeatureRows } from '../core/features/compute.ts'
import type { CalendarFields } from '../core/time/calendar.ts'
import { stringFields } from './input-tensors.ts'
import type { LoadedModel } from './open-model.ts'

/** What an answer says of the features. */
export type DescribedFeatures = Record<string, number | string | null>

export class ServedModel {
  readonly name: string
  readonly version: string
  readonly computer: FeatureComputer
  /** Least and greatest value seen in training by field number; `undefined` where the manifest says nothing. */
  readonly #coverage: readonly (readonly [number, number] | undefined)[]

  constructor(readonly loaded: LoadedModel) {
    const { manifest } = loaded
    this.name = manifest.name
    this.version = manifest.version
    this.computer = compileFeatureView(manifest.feature_view, stringFields(manifest))
    this.#coverage = manifest.feature_view.fields.map(({ name }) => manifest.coverage[name])
  }

  /** Room for `count` rows, in the order of the feature view. */
  rows(count: number): FeatureRows {
    const size = count * this.computer.names.length
    return {
      numbers: new Float64Array(size),
      strings: this.computer.hasStrings ? new Array<string | null>(size).fill(null) : null,
    }
  }

  /** The fields of row `row` that lie outside what the model saw in training. A missing value lies nowhere. */
  outsideCoverage(features: FeatureRows, row: number): string[] {
    const { names } = this.computer
    const outside: string[] = []
    for (let column = 0; column < names.length; column++) {
      const covered = this.#coverage[column]
      if (covered === undefined) continue
      const value = features.numbers[row * names.length + column] ?? Number.NaN
      if (value < covered[0] || value > covered[1]) outside.push(names[column] ?? '')
    }
    return outside
  }

  /** Row `row` by name: the three time features of every event, then the fields of the view; `null` is a missing value. */
  describe(features: FeatureRows, row: number, utc: CalendarFields): DescribedFeatures {
    const { names } = this.computer
    const described: DescribedFeatures = {
      hour_of_day: utc.hourOfDay,
      day_of_week: utc.dayOfWeek,
      day_of_year: utc.dayOfYear,
    }
    for (let column = 0; column < names.length; column++) {
      const at = row * names.length + column
      const value = features.numbers[at] ?? Number.NaN
      described[names[column] ?? ''] = features.strings?.[at] ?? (Number.isNaN(value) ? null : value)
    }
    return described
  }
}
