/** Reads the commonest records without making an object of them: an ASCII id, a time in milliseconds or ISO 8601 with Z, a zip of five digits. */
import { Kind } from '../../../core/scan/codes.ts'
import type { Rows } from '../../../core/scan/rows.ts'
import type { RecordRules } from '../plan.ts'
import { NATIONAL_KEY, type ZipTable } from '../zip-table.ts'
import type { AskedPaths } from './asked-paths.ts'
import { IsoBytes } from './iso-bytes.ts'
import type { TextBuilder } from './text-column.ts'

const ZERO = 48
/** Digits of a time in milliseconds between the bounds below. */
const LEAST_DIGITS = 12
const MOST_DIGITS = 13
/** 1976 to 2100 in milliseconds: no number between them is likelier in another unit or a date without separators (src/core/event/epoch-number.ts). */
const EARLIEST = 200_000_000_000
const LATEST = 4_100_000_000_000
/** A zip with its quotes. */
const ZIP_BYTES = 7
/** Zips below begin with 000 and belong to nobody. */
const LEAST_ZIP = 100
/** As in src/core/event/read-event.ts. */
const LONGEST_ID = 512

const NOT_FAST = -1

/** Where the id of a hit stands; in the action before it for a document of a `_bulk` pair. */
export interface IdPlace {
  readonly row: number
  readonly id: number
}

/** The same outcome as the event reader's, or none: test/unit/featurize/same-as-served compares them. */
export class FastRows {
  /** Of the row that was read last. */
  epochMilliseconds = 0
  zipKey = 0
  private readonly asked: AskedPaths
  private readonly table: ZipTable
  private readonly iso = new IsoBytes()
  private readonly takesNumbers: boolean
  /** The memory that rows lie in. */
  private words: DataView = new DataView(new ArrayBuffer(0))

  constructor(asked: AskedPaths, rules: RecordRules, table: ZipTable) {
    this.asked = asked
    this.table = table
    this.takesNumbers = rules.timeUnit === undefined || rules.timeUnit === 'ms'
  }

  /** Whether the record of a sound row is such a common one; its id was then added to `ids`, where there are any. */
  read(rows: Rows, row: number, action: IdPlace | undefined, ids: TextBuilder | undefined): boolean {
    if (rows.recordKind(row) !== Kind.object) return false
    const source = rows.sourceKind(row)
    const isHit = source === Kind.object
    if (isHit ? action !== undefined : source !== Kind.absent) return false
    if (!isHit && action === undefined && rows.kind(row, this.asked.outerFields) === Kind.object) return false
    const time = this.timeOf(rows, row)
    // NaN fails both comparisons.
    if (!(time >= EARLIEST && time < LATEST)) return false
    const key = this.zipKeyOf(rows, row)
    if (key === NOT_FAST) return false
    if (ids !== undefined && !this.addId(rows, row, isHit, action, ids)) return false
    this.epochMilliseconds = time
    this.zipKey = key
    return true
  }

  private timeOf(rows: Rows, row: number): number {
    const { times } = this.asked
    for (let index = 0; index < times.length; index++) {
      const value = times[index]
      const kind = rows.kind(row, value)
      if (kind === Kind.absent || kind === Kind.null) continue
      const start = rows.valueStart(row, value)
      const end = rows.valueEnd(row, value)
      if (kind === Kind.string) return this.iso.read(rows.bytes, start + 1, end - 1)
      return kind === Kind.number && this.takesNumbers ? wholeNumber(rows.bytes, start, end) : Number.NaN
    }
    return Number.NaN
  }

  private zipKeyOf(rows: Rows, row: number): number {
    const { zips } = this.asked
    const { bytes } = rows
    for (let index = 0; index < zips.length; index++) {
      const value = zips[index]
      const kind = rows.kind(row, value)
      if (kind === Kind.absent || kind === Kind.null) continue
      const start = rows.valueStart(row, value)
      if (kind !== Kind.string || rows.valueEnd(row, value) - start !== ZIP_BYTES) return NOT_FAST
      let zip = 0
      for (let at = start + 1; at < start + ZIP_BYTES - 1; at++) {
        const digit = bytes[at] - ZERO
        if (digit < 0 || digit > 9) return NOT_FAST
        zip = zip * 10 + digit
      }
      return zip < LEAST_ZIP ? NOT_FAST : this.table.keyOf(zip)
    }
    return NATIONAL_KEY
  }

  private addString(rows: Rows, row: number, value: number, ids: TextBuilder): boolean {
    if (rows.kind(row, value) !== Kind.string) return false
    const start = rows.valueStart(row, value) + 1
    const end = rows.valueEnd(row, value) - 1
    if (this.words.buffer !== rows.bytes.buffer) this.words = new DataView(rows.bytes.buffer)
    // A character takes one byte at least, so that no id of so many bytes has more characters.
    return end - start <= LONGEST_ID && ids.addPlain(rows.bytes, this.words, start, end)
  }

  private addId(rows: Rows, row: number, isHit: boolean, action: IdPlace | undefined, ids: TextBuilder): boolean {
    const { asked } = this
    if (isHit) return this.addString(rows, row, asked.outerId, ids)
    if (action !== undefined) return this.addString(rows, action.row, action.id, ids)
    for (let index = 0; index < asked.ids.length; index++) {
      const kind = rows.kind(row, asked.ids[index])
      if (kind !== Kind.absent && kind !== Kind.null) return this.addString(rows, row, asked.ids[index], ids)
    }
    return false
  }
}

/** The number from `start` to `end`; NaN where it is not 12 or 13 digits. */
const wholeNumber = (bytes: Uint8Array, start: number, end: number): number => {
  const digits = end - start
  if (digits < LEAST_DIGITS || digits > MOST_DIGITS) return Number.NaN
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
