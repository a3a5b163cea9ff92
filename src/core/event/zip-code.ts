/** The zip code an event names, repaired where the repair is certain. */
import { type JsonObject, type JsonValue, readPath } from '../json.ts'
import { statedValue } from './stated-value.ts'

/** `missing`: the event says nothing; `malformed`: what it says is not a US zip. Neither is an error. */
export type ZipState = 'valid' | 'missing' | 'malformed'

export interface ZipReading {
  /** Five digits, when `state` is `valid`. */
  readonly zip: string | null
  readonly state: ZipState
}

const ZIP_FIELDS = ['zipCode', 'zip', 'postalCode'] as const
const MISSING: ZipReading = { zip: null, state: 'missing' }
const MALFORMED: ZipReading = { zip: null, state: 'malformed' }

/** Three to five digits; then a ZIP+4 suffix, the dash that is left of one, or the `.0` of a column read as floating point. */
const SPACED = /^(\d{3,5})(?:[- ]\d{4}|-|\.0+)?$/
const NINE_DIGITS = /^(\d{5})\d{4}$/

/** The first three digits: the sectional center, by which zip features are packed. */
export const zip3 = (zip: string): string => zip.slice(0, 3)

/**
 * Five digits, or `null` where `value` is not a US zip. Zeros that a number lost in front come back (501 → 00501). Seven and eight digits
 * are not taken for a ZIP+4 that lost zeros: as often they are a Japanese or Brazilian code. The prefix 000 is assigned to nobody.
 */
const repairedZip = (value: JsonValue): string | null => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null
  const text = String(value).trim()
  const digits = (SPACED.exec(text) ?? NINE_DIGITS.exec(text))?.[1]
  if (digits === undefined) return null
  const zip = digits.padStart(5, '0')
  return zip.startsWith('000') ? null : zip
}

/**
 * Reads the first of `zipCode`, `zip` and `postalCode` that says anything, or only `zipPath` (dotted) when one is configured.
 * Never throws.
 */
export const readZip = (record: JsonObject, zipPath?: string): ZipReading => {
  let value = zipPath === undefined ? undefined : statedValue(readPath(record, zipPath))
  if (zipPath === undefined) {
    for (let index = 0; index < ZIP_FIELDS.length && value === undefined; index++) {
      value = statedValue(record[ZIP_FIELDS[index] as string])
    }
  }
  if (value === undefined) return MISSING
  const zip = repairedZip(value)
  return zip === null ? MALFORMED : { zip, state: 'valid' }
}
