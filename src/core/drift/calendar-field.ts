/** A calendar field on its circle: which bins an hour should show by its own clock, and how far from that clock a value is. */
import type { FieldBins, ProfileField } from '../profile/reference-profile.ts'
import { calendarAt } from '../time/calendar.ts'

/** Calendar fields with a cycle: unit, first value, values a cycle, and cells of equal length that differences are counted in. */
const CYCLES = {
  minute_of_day: { first: 0, values: 1440, cells: 24, hours: 24 },
  hour_of_day: { first: 0, values: 24, cells: 24, hours: 24 },
  day_of_week: { first: 0, values: 7, cells: 7, hours: 168 },
  // Six days a cell. Common years lack the last value: what passes New Year then is taken to be a day further off, of 183.
  day_of_year: { first: 1, values: 366, cells: 61, hours: 8784 },
  utc_offset_hours: { first: -12, values: 24, cells: 24, hours: 24 },
} as const
type CycleName = keyof typeof CYCLES

export interface CalendarField {
  /** Cells of the circle: hours, weekdays or spans of six days. */
  readonly cells: number
  /** Length of half a cycle, the farthest two values can be apart, in hours. */
  readonly halfCycleHours: number
  /**
   * Whether the hour itself says what the field must be, whatever training saw: UTC fields, and days of the year, whose season a count by hour of the
   * week does not know. Local ones are compared with what training saw in the same hour.
   */
  readonly followsClock: boolean
  /**
   * How far values are ahead of the hour's own, on the circle: `row` of counts by bin as counts by lag, 0 to cells − 1; its sum is that of `row`.
   * `summer`: hours of daylight saving by which the values are known to be ahead of what they are compared with; they are taken off the offset from
   * UTC, which moves by itself. Local hours do not need it: they are compared with those of the hour of UTC that had the same local time.
   */
  lags(row: ArrayLike<number>, startsAt: number, summer: number): Float64Array
  /** The share of each bin that values of exactly the hour beginning at `startsAt` (UTC, epoch ms) have; minutes evenly. Sums to 1. */
  ownShares(startsAt: number): Float64Array
  /** Whether training, whose counts by bin are `totals`, saw the day that the hour lies in. Always true where the cycle is not the year. */
  isKnown(startsAt: number, totals: ArrayLike<number>): boolean
}

export type CalendarSource = FieldBins & Pick<ProfileField, 'name' | 'range'>

/** The whole values of the cycle that fall into each bin, by bin. */
const valuesOfBins = (bins: FieldBins, name: CycleName): number[][] => {
  const { first, values: count } = CYCLES[name]
  const cycle = Array.from({ length: count }, (_, index) => first + index)
  if ('values' in bins) {
    const known = new Set(bins.values)
    // What a winter of training lacks is summer time, an hour ahead of what it has.
    if (name === 'utc_offset_hours') return [...bins.values.map((value) => [value]), [Math.max(...bins.values) + 1]]
    const others = cycle.filter((value) => !known.has(value))
    return [...bins.values.map((value) => [value]), others.length > 0 ? others : cycle]
  }
  const { edges } = bins
  return Array.from({ length: edges.length + 1 }, (_, bin) => {
    const [low, high] = [edges[bin - 1] ?? Number.NEGATIVE_INFINITY, edges[bin] ?? Number.POSITIVE_INFINITY]
    const held = cycle.filter((value) => low < value && value <= high)
    if (held.length > 0) return held
    const edge = Number.isFinite(high) ? high : low
    return [Math.min(Math.max(Math.ceil(edge), first), first + count - 1)]
  })
}

/** The values of the field in the UTC hour that holds `instant`. */
const ownValues = (name: CycleName, instant: number): number[] => {
  const { hourOfDay, dayOfWeek, dayOfYear } = calendarAt(instant)
  switch (name) {
    case 'minute_of_day':
      return Array.from({ length: 60 }, (_, minute) => 60 * hourOfDay + minute)
    case 'hour_of_day':
      return [hourOfDay]
    case 'day_of_week':
      return [dayOfWeek]
    case 'day_of_year':
      return [dayOfYear]
    case 'utc_offset_hours':
      return [0]
  }
}

/**
 * The circle of a calendar field, `null` for a name that no cycle is known for. Values within a bin count as evenly spread over it on
 * both sides of a comparison, so wide bins hide small shifts and make none.
 */
export const calendarField = (field: CalendarSource): CalendarField | null => {
  const name = field.name.startsWith('local_') ? field.name.slice('local_'.length) : field.name
  const isLocal = name !== field.name || name === 'utc_offset_hours'
  if (!Object.hasOwn(CYCLES, name)) return null
  const cycleName = name as CycleName
  const { first, values, cells, hours } = CYCLES[cycleName]
  const held = valuesOfBins(field, cycleName)
  const cellOf = (value: number): number => {
    const cell = Math.floor(((value - first) * cells) / values) % cells
    return cell < 0 ? cell + cells : cell
  }
  /** By value of the cycle, the bin it falls into. */
  const binOfValue = new Map<number, number>()
  for (const [bin, inBin] of held.entries())
    for (const value of inBin) if (!binOfValue.has(value)) binOfValue.set(value, bin)
  const others = held.length - 1
  /** By bin, the cells its values fall into and the part of them that does. */
  const spread = held.map((inBin) => {
    const parts = new Map<number, number>()
    for (const value of inBin) parts.set(cellOf(value), (parts.get(cellOf(value)) ?? 0) + 1 / inBin.length)
    return [...parts]
  })

  const ownShares = (startsAt: number): Float64Array => {
    const own = ownValues(cycleName, startsAt)
    const shares = new Float64Array(held.length)
    for (const value of own) {
      const bin = binOfValue.get(value) ?? others
      shares[bin] = (shares[bin] as number) + 1 / own.length
    }
    return shares
  }
  return {
    cells,
    halfCycleHours: hours / 2,
    followsClock: !isLocal || cycleName === 'day_of_year',
    lags: (row, startsAt, summer) => {
      const own = cycleName === 'utc_offset_hours' ? summer : cellOf(ownValues(cycleName, startsAt)[0] as number)
      const lags = new Float64Array(cells)
      for (const [bin, parts] of spread.entries()) {
        const count = row[bin] as number
        if (count === 0) continue
        for (const [cell, part] of parts) {
          const lag = (cell - own + 2 * cells) % cells
          lags[lag] = (lags[lag] as number) + count * part
        }
      }
      return lags
    },
    ownShares,
    isKnown: (startsAt, totals) => {
      if (cycleName !== 'day_of_year') return true
      const [day] = ownValues(cycleName, startsAt) as [number]
      const isWithin = field.range === null || (field.range[0] <= day && day <= field.range[1])
      return isWithin && (totals[binOfValue.get(day) ?? others] as number) > 0
    },
  }
}
