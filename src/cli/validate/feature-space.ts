/** The values that each field may take: inside what the model has seen, missing, and far outside. */
import type { Field } from '../../core/features/feature-view.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import type { Value } from './named-rows.ts'

export interface FieldSpace {
  readonly name: string
  /** Values that events bring: a model must answer them all. The first is an ordinary one. */
  readonly inside: readonly Value[]
  /** Values that an odd event could bring: a model had better answer them. */
  readonly outside: readonly Value[]
}

/** Fields with bounds of their own, whatever the training rows held: calendar, offsets in use (−12 … 14 h), degrees. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  hour_of_day: [0, 23],
  day_of_week: [0, 6],
  day_of_year: [1, 366],
  minute_of_day: [0, 1439],
  local_hour_of_day: [0, 23],
  local_day_of_week: [0, 6],
  local_day_of_year: [1, 366],
  local_minute_of_day: [0, 1439],
  utc_offset_hours: [-12, 14],
  latitude: [-90, 90],
  longitude: [-180, 180],
}
/** Half the Earth's meridian, rounded up: no two places are further apart. */
const GREATEST_DISTANCE_KILOMETRES = 20_038
/** Where an event's number is not known to have a range. */
const UNKNOWN_RANGE = [0, 1, 100] as const
/** How many times its range a value may lie outside, for an event that is odd and not absurd. */
const OUTSIDE_SPANS = 10
const ODD_NUMBERS = [0, -1, 1e6, -1e6] as const
const UNSEEN_TEXTS = ['never seen in training', 'ÿ 🚲 \u0000'] as const

const boundsOf = (field: Field): readonly [number, number] | undefined => {
  if (field.source === 'distance') return [0, GREATEST_DISTANCE_KILOMETRES]
  return field.source === 'event' || !Object.hasOwn(BOUNDS, field.name) ? undefined : BOUNDS[field.name]
}

const distinct = (values: readonly Value[]): Value[] => [...new Set(values)]

/** The calendar in UTC is always known; everything else an event may lack, and then a default stands in where the field has one. */
const missing = ({ source, default: fallback }: Field): Value[] =>
  source === 'time' || typeof fallback === 'number' ? [] : [null]

const textSpace = (field: Field, seen: readonly Value[]): FieldSpace => {
  const known = seen.filter((value) => typeof value === 'string')
  return { name: field.name, inside: distinct([...known, ...UNSEEN_TEXTS, '', null]), outside: [] }
}

const numberSpace = (
  field: Field,
  range: readonly [number, number] | undefined,
  seen: readonly Value[],
): FieldSpace => {
  const { name, encoding } = field
  if (encoding !== undefined) {
    const codes = [...encoding.categories.keys(), encoding.unknown]
    return { name, inside: distinct([...codes, ...missing(field)]), outside: [] }
  }
  const known = seen.filter((value) => typeof value === 'number')
  const bounds = boundsOf(field)
  const edges = range === undefined ? [] : [(range[0] + range[1]) / 2, ...range]
  const unknown = range === undefined && bounds === undefined ? UNKNOWN_RANGE : []
  const inside = distinct([...edges, ...known, ...(bounds ?? []), ...unknown, ...missing(field)])
  if (bounds !== undefined) return { name, inside, outside: [] }
  const [least, greatest] = range ?? [UNKNOWN_RANGE[0], UNKNOWN_RANGE[2]]
  const far = OUTSIDE_SPANS * (greatest - least)
  return { name, inside, outside: distinct([least - far, greatest + far, ...ODD_NUMBERS]) }
}

/** One entry a field, in the order of the feature view. What the golden rows hold counts as seen. */
export const featureSpace = (manifest: Manifest): FieldSpace[] => {
  const texts = stringFields(manifest)
  return manifest.feature_view.fields.map((field) => {
    const seen = manifest.golden.flatMap(({ inputs }): Value[] => {
      const value = inputs[field.name]
      return typeof value === 'number' || typeof value === 'string' ? [value] : []
    })
    return texts.has(field.name) ? textSpace(field, seen) : numberSpace(field, manifest.coverage[field.name], seen)
  })
}
