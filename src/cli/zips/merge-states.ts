/** Which state or territory each zip belongs to, in USPS letters. */
import { isMilitary, militaryRegion } from './military.ts'

/** Territories by their time zone, which no other part of the country shares: the Census names no state. */
const TERRITORY_OF_ZONE: Readonly<Record<string, string>> = {
  'America/Puerto_Rico': 'PR',
  'America/St_Thomas': 'VI',
  'Pacific/Guam': 'GU',
  'Pacific/Pago_Pago': 'AS',
  'Pacific/Saipan': 'MP',
}

/** The letters GeoNames names, else the military region, else the territory of the zone. Throws an Error where none of them is known. */
export const stateOf = (zip: string, named: string, zone: string): string => {
  const state = named !== '' ? named : isMilitary(zip) ? militaryRegion(zip) : TERRITORY_OF_ZONE[zone]
  if (state === undefined) throw new Error(`zip ${zip} has no state: its zone ${zone} belongs to no one territory`)
  return state
}
