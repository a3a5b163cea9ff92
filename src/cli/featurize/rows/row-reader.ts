/** From the rows of a scan to the rows of a table: the asked values of each record go through the code that serves. */
import { type ClickEvent, type EventRules, readEvent } from '../../../core/event/read-event.ts'
import { Failure } from '../../../core/failure.ts'
import type { JsonObject, JsonValue } from '../../../core/json.ts'
import { Kind } from '../../../core/scan/codes.ts'
import type { Rows } from '../../../core/scan/rows.ts'
import { readValue } from '../../../core/scan/values.ts'
import { parseJson } from '../../../protocol/parse-json.ts'
import { decodeUtf8 } from '../../../protocol/utf8.ts'
import { contentId } from '../../../serving/event-id.ts'
import type { FeaturizePlan } from '../plan.ts'
import { NATIONAL_KEY, type ZipTable } from '../zip-table.ts'
import { type AskedPaths, askedPaths } from './asked-paths.ts'
import type { BatchBuilder } from './batch-builder.ts'
import { EventColumns } from './event-columns.ts'
import { FastRows } from './fast-rows.ts'

/** Where the document of a `_bulk` pair has its `_id` and `_index`: in the action, another row. */
export interface Action {
  readonly row: number
  readonly id: number
  readonly index: number
}

const NOTHING: JsonObject = {}

/** Own, also where the name is `__proto__`, as JSON.parse makes it. */
const setOwn = (object: JsonObject, name: string, value: JsonValue): void => {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true })
  else object[name] = value
}

const refuseNow = (): never => {
  throw new Failure('invalid_time', 'the time "now" says nothing in a log: when it was sent is not known here')
}

export class RowReader {
  readonly asked: AskedPaths
  private readonly columns: EventColumns
  private readonly rules: EventRules
  private readonly table: ZipTable
  private readonly wantsId: boolean
  private readonly fast: FastRows

  constructor(plan: FeaturizePlan, table: ZipTable) {
    this.asked = askedPaths(plan.rules, plan.columns)
    this.columns = new EventColumns(plan.columns, table)
    this.rules = { ...plan.rules, now: refuseNow }
    this.table = table
    this.wantsId = plan.columns.some(({ source }) => source === 'id')
    this.fast = new FastRows(this.asked, plan.rules, table)
  }

  /** Adds the record of a sound row to `batch`. Throws a Failure, and adds nothing, where it is no event that can be read. */
  read(rows: Rows, row: number, action: Action | undefined, batch: BatchBuilder): void {
    const { fast, columns } = this
    if (fast.read(rows, row, action, this.wantsId ? batch.ids : undefined)) {
      if (!this.wantsId) batch.ids.add(undefined)
      const record = columns.readsRecord ? this.recordOf(rows, row, this.asked.own) : NOTHING
      columns.add(batch, fast.epochMilliseconds, fast.zipKey, record)
      return
    }
    const event = readEvent(this.valueOf(rows, row, action), this.rules)
    const id = this.wantsId ? (event.id ?? this.identityOf(rows, row, action)) : undefined
    const key = event.zip === null ? NATIONAL_KEY : this.table.keyOf(Number(event.zip))
    batch.ids.add(id)
    columns.add(batch, event.epochMilliseconds, key, event.record)
  }

  /** What the event reader is given: the asked values in the shape that the record has, or all of the record where the shape is a rare one. */
  private valueOf(rows: Rows, row: number, action: Action | undefined): JsonValue {
    if (rows.recordKind(row) !== Kind.object) return this.wholeOf(rows, row)
    const isHit = rows.sourceKind(row) === Kind.object
    if (action !== undefined) {
      // A document that is itself a hit is one field of many to whoever indexes it.
      const source = isHit ? this.wholeOf(rows, row) : this.recordOf(rows, row, this.asked.all)
      return { ...this.outerOf(rows, action.row, action.id, action.index), _source: source }
    }
    const { outerId, outerIndex, outerFields } = this.asked
    const outer = this.outerOf(rows, row, outerId, outerIndex)
    if (isHit) return { ...outer, _source: this.recordOf(rows, row, this.asked.all) }
    const mayBeHit = outer._id !== undefined || outer._index !== undefined
    const isRare = rows.kind(row, outerFields) === Kind.object || rows.sourceKind(row) !== Kind.absent
    return mayBeHit && isRare ? this.wholeOf(rows, row) : { ...this.recordOf(rows, row, this.asked.all), ...outer }
  }

  private value(rows: Rows, row: number, value: number): JsonValue | undefined {
    const kind = rows.kind(row, value)
    if (kind === Kind.absent) return undefined
    return readValue(rows.bytes, kind, rows.valueStart(row, value), rows.valueEnd(row, value), parseJson)
  }

  private outerOf(rows: Rows, row: number, id: number, index: number): JsonObject {
    const outer: JsonObject = {}
    const _id = this.value(rows, row, id)
    const _index = this.value(rows, row, index)
    if (_id !== undefined) outer._id = _id
    if (_index !== undefined) outer._index = _index
    return outer
  }

  /** An object of the values numbered `values`, each under its whole path. */
  private recordOf(rows: Rows, row: number, values: readonly number[]): JsonObject {
    const { paths } = this.asked
    const record: JsonObject = {}
    for (let index = 0; index < values.length; index++) {
      const value = this.value(rows, row, values[index])
      if (value !== undefined) setOwn(record, paths[values[index]], value)
    }
    return record
  }

  private wholeOf(rows: Rows, row: number): JsonValue {
    return parseJson(decodeUtf8(rows.bytes.subarray(rows.recordStart(row), rows.recordEnd(row))))
  }

  /** The id of an event that names none: made from its content, all of it. */
  private identityOf(rows: Rows, row: number, action: Action | undefined): string {
    const whole = this.wholeOf(rows, row)
    const event: ClickEvent = readEvent(action === undefined ? whole : { _source: whole }, this.rules)
    return contentId(event.record, this.rules.timePath)
  }
}
