/** Hours of the simulated year event by event: each has its instant, its region and its values, and the product's own code counts them. */
import { FieldBinner } from '../../../src/core/drift/field-binner.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR, seriesCounts } from '../../../src/core/drift/window-counts.ts'
import type { ProfileField } from '../../../src/core/profile/reference-profile.ts'
import { BinRecorder } from '../../../src/core/statistics/bin-counts.ts'
import { calendarAt } from '../../../src/core/time/calendar.ts'
import { Dice } from './dice.ts'
import {
  DEVICES,
  FIELD_BINS,
  type HourLaw,
  MISSING_ZIPS,
  REGIONS,
  SCORE,
  SCORE_LAYOUT,
  SENSOR,
  summerHours,
} from './year-stream.ts'

const HOUR = MILLISECONDS_PER_HOUR
const COLUMNS = FIELD_BINS.map(({ name }) => name)

const sumsOf = (shares: readonly number[]): readonly number[] => {
  let sum = 0
  return shares.map((share) => {
    sum += share
    return sum
  })
}

/** A place with these shares. */
const pick = (sums: readonly number[], dice: Dice): number => {
  const at = dice.uniform() * sums[sums.length - 1]
  const found = sums.findIndex((sum) => at < sum)
  return found === -1 ? sums.length - 1 : found
}

const SENSOR_SUMS = sumsOf(SENSOR)
const DEVICE_SUMS = sumsOf(DEVICES)
const PLACES = REGIONS.map(({ latitude, longitude }) => ({ latitude: sumsOf(latitude), longitude: sumsOf(longitude) }))

export class EventHours {
  readonly #dice: Dice
  readonly #binner = new FieldBinner(
    FIELD_BINS.map(({ bins, ...field }): ProfileField => ({ ...field, ...bins, counts: [], missing: [] })),
    COLUMNS,
  )

  constructor(seed: number) {
    this.#dice = new Dice(seed)
  }

  /** The events of the hour, which arrive independently of each other, and what is counted of them. */
  hour({ startsAt, mean, regions, shift }: HourLaw): HourCounts {
    const dice = this.#dice
    const fields = this.#binner.fields.map(({ layout }) => new BinRecorder(layout))
    const score = new BinRecorder(SCORE_LAYOUT)
    const regionSums = sumsOf(regions)
    const pause = (): number => (-Math.log(1 - dice.uniform()) * HOUR) / mean
    for (let at = pause(); at < HOUR; at += pause()) {
      const row = this.#rowAt(startsAt + at, pick(regionSums, dice))
      for (const [index, recorder] of fields.entries())
        recorder.record(this.#binner.binOf(index, row[this.#binner.fields[index].column]))
      score.record(SCORE.mean + SCORE.deviation * (shift + dice.normal()))
    }
    const counted = fields.map((recorder, index) => [
      this.#binner.fields[index].name,
      seriesCounts(recorder.toCounts()),
    ])
    return { startsAt, fields: Object.fromEntries(counted), outputs: { score: seriesCounts(score.toCounts()) } }
  }

  /** In the order of `COLUMNS`. */
  #rowAt(instant: number, region: number): readonly number[] {
    const dice = this.#dice
    const { hourOfDay, dayOfWeek, dayOfYear } = calendarAt(Math.floor(instant))
    const offset = REGIONS[region].offset + summerHours(instant, REGIONS[region].offset)
    const isMissing = dice.uniform() < MISSING_ZIPS
    // A place within its bin, which holds its upper edge.
    const within = (sums: readonly number[]): number => pick(sums, dice) + 1 - dice.uniform()
    const place = (sums: readonly number[]): number => (isMissing ? Number.NaN : within(sums))
    const values: Readonly<Record<string, number>> = {
      hour_of_day: hourOfDay,
      local_hour_of_day: (hourOfDay + offset + 24) % 24,
      day_of_week: dayOfWeek,
      day_of_year: dayOfYear,
      latitude: place(PLACES[region].latitude),
      longitude: place(PLACES[region].longitude),
      sensor: within(SENSOR_SUMS),
      utc_offset_hours: offset,
      device: pick(DEVICE_SUMS, dice),
    }
    return COLUMNS.map((name) => values[name])
  }
}
