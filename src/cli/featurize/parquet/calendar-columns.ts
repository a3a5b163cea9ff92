/** The columns of the calendar, in UTC and at the zip: one look at the calendar for each row serves all of them. */
import type { Field } from '../../../core/features/feature-view.ts'
import { calendarAt } from '../../../core/time/calendar.ts'
import type { Batch } from '../rows/batch.ts'
import { localValue, offsetOfRow, shifted } from '../rows/row-calendar.ts'
import type { ZipTable } from '../zip-table.ts'
import { bytesOf, type ColumnValues, mapped } from './column-values.ts'
import { doubleBounds, doubleColumn, int32Column, smallColumn } from './number-columns.ts'

/** Bounds of the fields: days of a year, days of a week, hours and minutes of a day. */
const YEAR_DAYS = 367
const WEEK_DAYS = 7
const DAY_HOURS = 24
const DAY_MINUTES = 1_440
/** Offsets lie within a day of UTC. */
const GREATEST_OFFSET_SECONDS = 86_400

/** A calendar of each row of a group; the memory is used again for the next. */
class CalendarRows {
  private readonly dayOfYear: Uint16Array
  private readonly dayOfWeek: Uint8Array
  private readonly hourOfDay: Uint8Array
  private readonly minuteOfDay: Uint16Array

  constructor(mostRows: number) {
    this.dayOfYear = new Uint16Array(mostRows)
    this.dayOfWeek = new Uint8Array(mostRows)
    this.hourOfDay = new Uint8Array(mostRows)
    this.minuteOfDay = new Uint16Array(mostRows)
  }

  /** `offsets` in seconds; UTC where `undefined`. */
  fill({ rows, epochMilliseconds }: Batch, offsets: Int32Array | undefined): void {
    for (let row = 0; row < rows; row++) {
      const epoch = epochMilliseconds[row]
      const fields = calendarAt(offsets === undefined ? epoch : shifted(epoch, offsets[row]))
      this.dayOfYear[row] = fields.dayOfYear
      this.dayOfWeek[row] = fields.dayOfWeek
      this.hourOfDay[row] = fields.hourOfDay
      this.minuteOfDay[row] = fields.minuteOfDay
    }
  }

  /** The field that ends in `name`: `day_of_year` and `local_day_of_year` are read alike. */
  column(name: string, rows: number): ColumnValues {
    if (name.endsWith('day_of_year')) return smallColumn(this.dayOfYear.subarray(0, rows), YEAR_DAYS)
    if (name.endsWith('day_of_week')) return smallColumn(this.dayOfWeek.subarray(0, rows), WEEK_DAYS)
    return name.endsWith('hour_of_day')
      ? smallColumn(this.hourOfDay.subarray(0, rows), DAY_HOURS)
      : smallColumn(this.minuteOfDay.subarray(0, rows), DAY_MINUTES)
  }
}

/** A place for each offset in whole seconds. */
const offsetColumn = (offsets: Int32Array): ColumnValues => {
  const entryOf = new Int32Array(GREATEST_OFFSET_SECONDS * 2)
  const hours: number[] = []
  for (let row = 0; row < offsets.length; row++) {
    const place = offsets[row] + GREATEST_OFFSET_SECONDS
    if (entryOf[place] === 0) entryOf[place] = hours.push(offsets[row] / 3_600)
  }
  return mapped(
    (page, from, to) => {
      for (let row = from; row < to; row++) page[row - from] = entryOf[offsets[row] + GREATEST_OFFSET_SECONDS] - 1
    },
    { plain: bytesOf(Float64Array.from(hours)), size: hours.length },
    undefined,
    doubleBounds(hours),
  )
}

/** Those of one row group after the other; nothing is computed that is not asked for. */
export class CalendarColumns {
  private readonly table: ZipTable
  private readonly utc: CalendarRows
  private readonly local: CalendarRows
  private readonly offsets: Int32Array
  private batch: Batch | undefined
  private hasUtc = false
  private hasLocal = false
  /** Whether the time zone of every zip is known. */
  private allOffsets: boolean | undefined

  constructor(table: ZipTable, mostRows: number) {
    this.table = table
    this.utc = new CalendarRows(mostRows)
    this.local = new CalendarRows(mostRows)
    this.offsets = new Int32Array(mostRows)
  }

  /** Columns that were made before are dead. */
  begin(batch: Batch): void {
    this.batch = batch
    this.hasUtc = false
    this.hasLocal = false
    this.allOffsets = undefined
  }

  /** One of the three time features. */
  utcColumn(name: string): ColumnValues {
    const { current } = this
    if (!this.hasUtc) this.utc.fill(current, undefined)
    this.hasUtc = true
    return this.utc.column(name, current.rows)
  }

  /** A field of source `local_time`. */
  localColumn(field: Field, isInteger: boolean): ColumnValues {
    const { current } = this
    const isOffset = field.name === 'utc_offset_hours'
    this.allOffsets ??= this.fillOffsets(current)
    if (!this.allOffsets || isInteger === isOffset) return this.columnWithGaps(current, field, isInteger)
    if (isOffset) return offsetColumn(this.offsets.subarray(0, current.rows))
    if (!this.hasLocal) this.local.fill(current, this.offsets)
    this.hasLocal = true
    return this.local.column(field.name, current.rows)
  }

  private get current(): Batch {
    if (this.batch === undefined) throw new Error('no row group was begun')
    return this.batch
  }

  private fillOffsets({ rows, epochMilliseconds, zipKeys }: Batch): boolean {
    for (let row = 0; row < rows; row++) {
      const offset = offsetOfRow(this.table, zipKeys[row], epochMilliseconds[row])
      if (offset === undefined) return false
      this.offsets[row] = offset
    }
    return true
  }

  private columnWithGaps(batch: Batch, field: Field, isInteger: boolean): ColumnValues {
    const value = localValue(field, this.table)
    const numbers = Float64Array.from({ length: batch.rows }, (_, row) => value(batch, row))
    return isInteger ? int32Column(numbers) : doubleColumn(numbers)
  }
}
