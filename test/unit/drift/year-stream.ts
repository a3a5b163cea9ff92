/** A year of traffic as hourly counts by bin: daily, weekly and yearly rhythm, regions that wander, and faults on demand. Seeded. */

import { type CountsByName, type HourCounts, MILLISECONDS_PER_HOUR } from '../../../src/core/drift/window-counts.ts'
import {
  HOUR_OF_WEEK,
  HOURS_PER_WEEK,
  hourOfWeek,
  type ProfileField,
  type ProfileFieldKind,
  packCounts,
  type ReferenceProfile,
} from '../../../src/core/profile/reference-profile.ts'
import { calendarAt } from '../../../src/core/time/calendar.ts'
import { Dice, wandering } from './dice.ts'

const HOUR = MILLISECONDS_PER_HOUR
/** 1 January of the simulated year, UTC; the training rows are of the year before. */
export const YEAR_START = Date.UTC(2026, 0, 1)
const BINS = 20
const TRAINING_DAYS = 120
const TRAINING_PER_HOUR = 700
const EVENTS_PER_HOUR = 50 * 3600
export const SCORE_LAYOUT = { lowest: 0, highest: 1, bins: BINS }
/** The score's standard deviation over everything, in that of one hour and region. */
const SPREAD = 1.05
export const SCORE = { mean: 0.2, deviation: 0.06 }
export const MISSING_ZIPS = 0.03

export type Fault = 'none' | 'clock' | 'zips' | 'sensor' | 'score'

export interface StreamOptions {
  readonly seed: number
  readonly fault: Fault
  /** Hour of the year from which on the fault is there. */
  readonly faultFrom: number
  /** Hours in which the correlation of a region's share with its present one falls to 1 / e. */
  readonly shareMemory: number
  /** Mean of the year; 180,000 (50 a second) unless given. */
  readonly eventsPerHour?: number | undefined
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index)
const normalise = (weights: readonly number[]): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** The distribution function of the normal distribution, to 10⁻⁷ (Abramowitz and Stegun 26.2.17). */
const normalBelow = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    ((((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.31938153) *
    t *
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI))
  return x < 0 ? tail : 1 - tail
}

const scoreShares = (mean: number): number[] =>
  range(BINS).map((bin) => {
    const [low, high] = [bin / BINS, (bin + 1) / BINS]
    const below = (edge: number): number => normalBelow((edge - mean) / SCORE.deviation)
    return (bin === BINS - 1 ? 1 : below(high)) - (bin === 0 ? 0 : below(low))
  })

/** Ten regions: share, UTC offset, where their zips lie among the bins of latitude and longitude, and their effect on the score. */
export const REGIONS = [
  [0.22, -5, 14, 18],
  [0.12, -5, 4, 16],
  [0.12, -5, 10, 15],
  [0.14, -6, 13, 10],
  [0.1, -6, 3, 7],
  [0.06, -6, 8, 9],
  [0.05, -7, 11, 4],
  [0.04, -7, 6, 3],
  [0.12, -8, 7, 1],
  [0.03, -10, 0, 0],
].map(([share, offset, latitude, longitude], index) => ({
  share,
  offset,
  latitude: range(BINS).map((bin) => Math.exp(-(((bin - latitude) / 2) ** 2))),
  longitude: range(BINS).map((bin) => Math.exp(-(((bin - longitude) / 1.5) ** 2))),
  effect: ((index * 7) % 10) / 10 - 0.45,
}))
for (const region of REGIONS) {
  region.latitude = normalise(region.latitude)
  region.longitude = normalise(region.longitude)
}
export const SENSOR = normalise(range(BINS).map((bin) => 1 + (bin % 4)))
export const DEVICES = normalise([50, 30, 15, 4, 1])
/** The default the sensor falls back to lies amid its values. */
const SENSOR_DEFAULT_BIN = 10

/** Daylight saving: from the second Sunday of March to the first of November, 2 in the morning, zone by zone. */
const SUMMERS = [
  [Date.UTC(2025, 2, 9, 2), Date.UTC(2025, 10, 2, 1)],
  [Date.UTC(2026, 2, 8, 2), Date.UTC(2026, 10, 1, 1)],
]
export const summerHours = (instant: number, offset: number): number =>
  SUMMERS.some(([from, to]) => from - offset * HOUR <= instant && instant < to - offset * HOUR) ? 1 : 0

/** How busy a local hour is. */
const activity = (localHour: number): number => 1 + 0.75 * Math.sin(((localHour - 9) / 24) * 2 * Math.PI)

export const FIELD_BINS: readonly (Pick<ProfileField, 'name' | 'kind' | 'range'> & {
  readonly bins: { edges: number[] } | { values: number[] }
})[] = [
  ...(['hour_of_day', 'local_hour_of_day'] as const).map((name) => ({
    name,
    kind: 'calendar' as ProfileFieldKind,
    range: [0, 23] as const,
    bins: { values: range(24) },
  })),
  { name: 'day_of_week', kind: 'calendar', range: [0, 6], bins: { values: range(7) } },
  {
    name: 'day_of_year',
    kind: 'calendar',
    range: [1, TRAINING_DAYS],
    bins: { edges: range(BINS - 1).map((index) => 6 * (index + 1) + 0.5) },
  },
  ...(['latitude', 'longitude', 'sensor'] as const).map((name) => ({
    name,
    kind: 'continuous' as ProfileFieldKind,
    range: [0, BINS] as const,
    bins: { edges: range(BINS - 1).map((index) => index + 1) },
  })),
  {
    name: 'utc_offset_hours',
    kind: 'discrete',
    range: [-10, -4],
    bins: { values: range(7).map((index) => index - 10) },
  },
  { name: 'device', kind: 'discrete', range: [0, 4], bins: { values: range(5) } },
]

const widthOf = (bins: { edges: number[] } | { values: number[] }): number =>
  ('edges' in bins ? bins.edges : bins.values).length + 1

/** What an hour without a fault is drawn from. */
export interface HourLaw {
  readonly startsAt: number
  /** Events to be expected. */
  readonly mean: number
  /** Share of each region. */
  readonly regions: readonly number[]
  /** Of the score's mean, in standard deviations. */
  readonly shift: number
}

/** Draws hour after hour. */
export class Stream {
  readonly #dice: Dice
  readonly #rate: () => number
  readonly #shares: (() => number)[]
  #day = Number.NaN
  #dailyEffect = 0
  #law: HourLaw | null = null

  readonly #options: StreamOptions
  readonly #perHour: number

  constructor(options: StreamOptions, perHour: number) {
    this.#options = options
    this.#perHour = perHour
    this.#dice = new Dice(options.seed)
    this.#rate = wandering(this.#dice, 0.15, 12)
    this.#shares = REGIONS.map(() => wandering(this.#dice, 0.1, options.shareMemory))
  }

  /** What the last hour was drawn from. */
  get law(): HourLaw {
    if (this.#law === null) throw new Error('no hour was drawn yet')
    return this.#law
  }

  hour(startsAt: number): HourCounts {
    const dice = this.#dice
    const hourOfYear = (startsAt - YEAR_START) / HOUR
    const fault = hourOfYear >= this.#options.faultFrom ? this.#options.fault : 'none'
    const { hourOfDay, dayOfYear } = calendarAt(startsAt)
    const summer = summerHours(startsAt, -6)
    // The weekend of the middle of the country.
    const isWeekend = calendarAt(startsAt + (summer - 6) * HOUR).dayOfWeek >= 5
    if (dayOfYear !== this.#day) {
      this.#day = dayOfYear
      this.#dailyEffect = 0.03 * dice.normal()
    }
    const weekly = isWeekend ? 0.75 : 1.1
    const yearly = 1 + 0.2 * Math.sin(((dayOfYear - 80) / 365) * 2 * Math.PI)
    const localHour = (offset: number): number => (hourOfDay + offset + summerHours(startsAt, offset) + 24) % 24
    const busy = REGIONS.map(({ share, offset }) => share * activity(localHour(offset)))
    const weights = busy.map((share, index) => share * Math.exp(this.#shares[index]()))
    const rhythm = busy.reduce((sum, share) => sum + share, 0)
    let shares = normalise(weights)
    if (fault === 'zips') {
      const target = this.#options.seed % REGIONS.length
      shares = shares.map((share, index) => 0.8 * share + (index === target ? 0.2 : 0))
    }
    const mean = this.#perHour * weekly * yearly * rhythm * Math.exp(this.#rate())
    const size = Math.max(0, Math.round(mean + Math.sqrt(mean) * dice.normal()))
    const regions = normalise(dice.multinomial(size, shares).map((count) => count + 1e-9))
    const mixed = (of: (region: (typeof REGIONS)[number]) => readonly number[]): number[] =>
      range(BINS).map((bin) => regions.reduce((sum, share, index) => sum + share * of(REGIONS[index])[bin], 0))

    const seen = fault === 'clock' ? startsAt + 3 * HOUR : startsAt
    const own = calendarAt(seen)
    const localHours = new Array<number>(25).fill(0)
    const offsets = new Array<number>(8).fill(0)
    for (const [index, count] of dice.multinomial(size, regions).entries()) {
      const offset = REGIONS[index].offset + summerHours(seen, REGIONS[index].offset)
      localHours[(own.hourOfDay + offset + 24) % 24] += count
      offsets[offset + 10] += count
    }
    const one = (length: number, at: number): number[] => range(length).map((bin) => (bin === at ? size : 0))
    const missing = dice.binomial(size, MISSING_ZIPS)
    const rhythmOfScore = 0.3 * Math.sin(((hourOfDay + summer) / 24) * 2 * Math.PI) + (isWeekend ? 0.2 : 0)
    const effect = regions.reduce((sum, share, index) => sum + share * REGIONS[index].effect, 0)
    const shift = rhythmOfScore + effect + this.#dailyEffect + (fault === 'score' ? 0.1 * SPREAD : 0)
    this.#law = { startsAt, mean, regions, shift }
    const counted = (counts: readonly number[], absent = 0) => ({ counts, missing: absent })
    const fields: CountsByName = {
      hour_of_day: counted(one(25, own.hourOfDay)),
      local_hour_of_day: counted(localHours),
      utc_offset_hours: counted(offsets),
      day_of_week: counted(one(8, own.dayOfWeek)),
      day_of_year: counted(one(BINS, Math.min(BINS - 1, Math.floor((own.dayOfYear - 1) / 6)))),
      latitude: counted(
        dice.multinomial(
          size - missing,
          mixed(({ latitude }) => latitude),
        ),
        missing,
      ),
      longitude: counted(
        dice.multinomial(
          size - missing,
          mixed(({ longitude }) => longitude),
        ),
        missing,
      ),
      sensor: counted(fault === 'sensor' ? one(BINS, SENSOR_DEFAULT_BIN) : dice.multinomial(size, SENSOR)),
      device: counted([...dice.multinomial(size, DEVICES), 0]),
    }
    const score = dice.multinomial(size, scoreShares(SCORE.mean + SCORE.deviation * shift))
    return { startsAt, fields, outputs: { score: counted(score) } }
  }
}

export const yearStream = (options: StreamOptions): Stream =>
  new Stream(options, options.eventsPerHour ?? EVENTS_PER_HOUR)

/** What four months of the year before look like to a reference profile: the same process, its own wandering. */
export const trainingProfile = (seed: number, shareMemory: number): ReferenceProfile => {
  const stream = new Stream({ seed, fault: 'none', faultFrom: 0, shareMemory }, TRAINING_PER_HOUR)
  const from = Date.UTC(2025, 0, 1)
  const hours = range(TRAINING_DAYS * 24).map((hour) => stream.hour(from + hour * HOUR))
  const sums = (role: 'fields' | 'outputs', name: string, width: number) => {
    const counts = range(HOURS_PER_WEEK).map(() => new Float64Array(width))
    const missing = new Float64Array(HOURS_PER_WEEK)
    for (const { startsAt, [role]: byName } of hours) {
      const slice = hourOfWeek(startsAt)
      for (const [bin, count] of byName[name].counts.entries()) counts[slice][bin] += count
      missing[slice] += byName[name].missing
    }
    return { counts: counts.map(packCounts), missing: packCounts(missing) }
  }
  return {
    format: 1,
    model: 'simulated',
    version: '1.0.0',
    rows: TRAINING_DAYS * 24 * TRAINING_PER_HOUR,
    from: new Date(from).toISOString(),
    to: new Date(from + TRAINING_DAYS * 24 * HOUR).toISOString(),
    hour_of_week: HOUR_OF_WEEK,
    fields: FIELD_BINS.map(({ name, kind, range: held, bins }) => ({
      name,
      kind,
      range: held,
      ...bins,
      ...sums('fields', name, widthOf(bins)),
    })),
    outputs: [{ name: 'score', layout: SCORE_LAYOUT, counts: sums('outputs', 'score', BINS).counts }],
    background: { fields: [], rows: [] },
  }
}
