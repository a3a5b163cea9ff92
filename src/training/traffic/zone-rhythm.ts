/** Who is awake: how much traffic the country makes at an instant, and from which places. */
import { localCalendarAt } from '../../core/time/zones.ts'
import { rhythmAt, WEEKDAY_WEIGHTS } from '../delivery/rhythm.ts'
import { type Place, residentsOf, weightedPicker } from '../places.ts'

const MINUTE_MILLISECONDS = 60_000
const WEEKDAY_MEAN = WEEKDAY_WEIGHTS.reduce((sum, weight) => sum + weight, 0) / WEEKDAY_WEIGHTS.length

interface Zone {
  readonly name: string
  readonly residents: number
  pick(chance: number): Place
}

export interface ZoneRhythm {
  /** Over the mean of a week, about 1. */
  weightAt(epochMilliseconds: number): number
  /** Two throws: which time zone, by who is awake there, and which place in it. */
  placeAt(epochMilliseconds: number, zoneChance: number, placeChance: number): Place
}

export const zoneRhythm = (places: readonly Place[]): ZoneRhythm => {
  const residents = residentsOf(places)
  const byZone = new Map<string, Place[]>()
  for (const place of places) {
    if (residents(place) === 0) continue
    const own = byZone.get(place.timeZone)
    if (own === undefined) byZone.set(place.timeZone, [place])
    else own.push(place)
  }
  const zones: Zone[] = [...byZone].map(([name, own]) => ({
    name,
    residents: own.reduce((sum, place) => sum + residents(place), 0),
    pick: weightedPicker(own, residents),
  }))
  const all = zones.reduce((sum, zone) => sum + zone.residents, 0)
  /** Of one minute, in which nothing changes. */
  let known: { readonly minute: number; readonly weight: number; pick(chance: number): Zone } | undefined
  const at = (epochMilliseconds: number) => {
    const minute = Math.floor(epochMilliseconds / MINUTE_MILLISECONDS)
    if (known?.minute === minute) return known
    const weights = zones.map(({ name, residents: people }) => {
      const local = localCalendarAt(name, minute * MINUTE_MILLISECONDS)
      if (local === undefined) throw new Error(`the zone tables do not know ${name}`)
      return (people * rhythmAt(local.minuteOfDay / 60) * WEEKDAY_WEIGHTS[local.dayOfWeek]) / WEEKDAY_MEAN
    })
    const weight = weights.reduce((sum, each) => sum + each, 0) / all
    known = { minute, weight, pick: weightedPicker(zones, (_, index) => weights[index]) }
    return known
  }
  return {
    weightAt: (epochMilliseconds) => at(epochMilliseconds).weight,
    placeAt: (epochMilliseconds, zoneChance, placeChance) => at(epochMilliseconds).pick(zoneChance).pick(placeChance),
  }
}
