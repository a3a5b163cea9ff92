/** Computes the features of a served prediction again and compares them with what was served. */

import { readZip } from '../../core/event/zip-code.ts'
import { compileFeatureView, type FeatureComputer } from '../../core/features/compute.ts'
import type { Field } from '../../core/features/feature-view.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ZipFeatures, ZipLevel } from '../../core/zip/zip-features.ts'
import type { PredictionOfLog } from '../../protocol/answers.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import type { OfflineZips } from './offline-zips.ts'

/** A logged prediction, with its event where the log holds it: fields of the event cannot be recomputed without. */
export interface LoggedPrediction {
  readonly prediction: PredictionOfLog
  readonly event: JsonObject | undefined
}

export interface Difference {
  readonly field: string
  readonly served: number | string | null | undefined
  readonly recomputed: number | string | null
}

export type Finding =
  | {
      readonly kind: 'compared'
      readonly fields: number
      readonly unknowable: readonly string[]
      readonly differences: readonly Difference[]
    }
  /** Served with other zip data than are at hand: no mismatch, and no proof either. */
  | { readonly kind: 'other_zip_data'; readonly served: string; readonly here: string }
  /** Asked for with `features=false`. */
  | { readonly kind: 'no_features' }

const levelOf = ({ warnings }: PredictionOfLog): ZipLevel =>
  warnings.includes('national_mean') ? 'national_mean' : warnings.includes('zip3_mean') ? 'zip3_mean' : 'exact'

/** As the graph sees them: float32, bit for bit, a missing value equal to a missing value. */
const same = (served: Difference['served'], recomputed: Difference['recomputed']): boolean =>
  typeof served === 'number' && typeof recomputed === 'number'
    ? Math.fround(served) === Math.fround(recomputed)
    : served === recomputed

/** Fields of the event need the event; a distance that was imputed does not say which of its two zips was coarse. */
const isKnowable = ({ name, source }: Field, { prediction, event }: LoggedPrediction): boolean =>
  (source !== 'event' && source !== 'distance') ||
  (event !== undefined && !(source === 'distance' && prediction.imputed.includes(name)))

/** What can be verified about the predictions of one model version. */
export class Verifier {
  readonly #computer: FeatureComputer
  readonly #fields: readonly Field[]
  readonly #zips: OfflineZips

  constructor(manifest: Manifest, zips: OfflineZips) {
    this.#fields = manifest.feature_view.fields
    this.#computer = compileFeatureView(manifest.feature_view, stringFields(manifest))
    this.#zips = zips
  }

  verify(logged: LoggedPrediction): Finding {
    const { prediction, event } = logged
    const { features, zip_data } = prediction
    if (features === undefined) return { kind: 'no_features' }
    const level = levelOf(prediction)
    const here = level === 'exact' ? this.#zips.data : this.#zips.meansData
    if (zip_data !== here) return { kind: 'other_zip_data', served: zip_data, here }

    const zip = this.#zips.features(prediction.zip, level)
    const recomputed = zip === undefined ? undefined : this.#recompute(prediction, event ?? {}, zip)
    const known = this.#fields.filter((field) => isKnowable(field, logged)).map(({ name }) => name)
    const names = ['day_of_year', 'day_of_week', 'hour_of_day', ...known]
    const differences = [...new Set(names)].flatMap((field): Difference[] => {
      const value = recomputed?.[field] ?? null
      return same(features[field], value) ? [] : [{ field, served: features[field], recomputed: value }]
    })
    const unknowable = this.#fields.map(({ name }) => name).filter((name) => !known.includes(name))
    return { kind: 'compared', fields: new Set(names).size, unknowable, differences }
  }

  #recompute(
    prediction: PredictionOfLog,
    record: JsonObject,
    zip: ZipFeatures,
  ): Record<string, number | string | null> {
    const width = this.#fields.length
    const rows = { numbers: new Float64Array(width), strings: new Array<string | null>(width).fill(null) }
    const origins = this.#computer.origins.map((path) => {
      const origin = readZip(record, path).zip
      return (origin === null ? undefined : this.#zips.features(origin, 'exact')) ?? this.#originMean(origin)
    })
    const input = { epochMilliseconds: prediction.event_time.epoch_ms, zip, origins, record }
    const utc = this.#computer.compute(input, rows, 0, [])
    const values: Record<string, number | string | null> = {
      day_of_year: utc.dayOfYear,
      day_of_week: utc.dayOfWeek,
      hour_of_day: utc.hourOfDay,
    }
    for (const [index, { name }] of this.#fields.entries()) {
      const number = rows.numbers[index] ?? Number.NaN
      values[name] = rows.strings[index] ?? (Number.isNaN(number) ? null : number)
    }
    return values
  }

  #originMean(zip: string | null): ZipFeatures {
    const mean = this.#zips.features(zip, 'zip3_mean') ?? this.#zips.features(null, 'national_mean')
    if (mean === undefined) throw new Error('the zip data have no mean of the country')
    return mean
  }
}
