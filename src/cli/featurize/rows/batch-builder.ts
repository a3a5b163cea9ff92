/** Collects the rows of one block into columns. */
import type { JsonValue } from '../../../core/json.ts'
import { jsonText } from '../../../protocol/json-text.ts'
import type { OutputColumn } from '../columns.ts'
import { type Batch, LabelKind } from './batch.ts'
import type { BufferPool } from './buffer-pool.ts'
import { TextBuilder } from './text-column.ts'

const FEWEST_ROWS = 64
/** Bytes of an id, its length before it: a UUID. */
const USUAL_ID_BYTES = 40
const DOUBLE_BYTES = 8
const INTEGER_BYTES = 4

type Doubles = Float64Array<SharedArrayBuffer>
type Integers = Int32Array<SharedArrayBuffer>
type Bytes = Uint8Array<SharedArrayBuffer>

const doubles = (pool: BufferPool, rows: number): Doubles => new Float64Array(pool.take(rows * DOUBLE_BYTES), 0, rows)
const integers = (pool: BufferPool, rows: number): Integers => new Int32Array(pool.take(rows * INTEGER_BYTES), 0, rows)
const bytes = (pool: BufferPool, rows: number): Bytes => new Uint8Array(pool.take(rows), 0, rows)

/** `grown` with what `column` holds, whose memory is given back. */
const moved = <T extends Doubles | Integers | Bytes>(pool: BufferPool, column: T, grown: T): T => {
  grown.set(column)
  pool.give(column.buffer)
  return grown
}

class LabelBuilder {
  kinds: Bytes
  numbers: Doubles
  readonly text: TextBuilder

  constructor(pool: BufferPool, capacity: number) {
    this.kinds = bytes(pool, capacity)
    this.numbers = doubles(pool, capacity)
    this.text = new TextBuilder(pool, 0)
  }

  set(row: number, value: JsonValue | undefined): void {
    let kind: number
    let text: string | undefined
    if (value === undefined || value === null) kind = LabelKind.absent
    else if (typeof value === 'boolean') kind = value ? LabelKind.true : LabelKind.false
    else if (typeof value === 'number') kind = LabelKind.number
    else {
      kind = typeof value === 'bigint' ? LabelKind.digits : typeof value === 'string' ? LabelKind.text : LabelKind.json
      text = typeof value === 'string' ? value : jsonText(value)
    }
    this.kinds[row] = kind
    this.numbers[row] = typeof value === 'number' ? value : Number.NaN
    this.text.add(text)
  }
}

/** A row is written in steps: `ids` gets its id, then `add` its time and zip, then `setNumber`, `setText` and `setLabel` fill the last row. */
export class BatchBuilder {
  rows = 0
  readonly ids: TextBuilder
  private readonly pool: BufferPool
  private capacity: number
  private epochMilliseconds: Doubles
  private zipKeys: Integers
  private readonly numbers: Doubles[]
  private readonly texts: TextBuilder[]
  private readonly labels: LabelBuilder[]

  /** `expectedRows` is a guess. */
  constructor(columns: readonly OutputColumn[], pool: BufferPool, expectedRows: number) {
    const capacity = Math.max(FEWEST_ROWS, Math.ceil(expectedRows))
    this.pool = pool
    this.capacity = capacity
    this.ids = new TextBuilder(pool, capacity * USUAL_ID_BYTES)
    this.epochMilliseconds = doubles(pool, capacity)
    this.zipKeys = integers(pool, capacity)
    const event = columns.filter(({ source }) => source === 'event')
    this.numbers = event.filter(({ type }) => type !== 'text').map(() => doubles(pool, capacity))
    this.texts = event.filter(({ type }) => type === 'text').map(() => new TextBuilder(pool, 0))
    this.labels = columns.filter(({ source }) => source === 'label').map(() => new LabelBuilder(pool, capacity))
  }

  add(epochMilliseconds: number, zipKey: number): void {
    const row = this.rows++
    if (row === this.capacity) this.widen(this.capacity * 2)
    this.epochMilliseconds[row] = epochMilliseconds
    this.zipKeys[row] = zipKey
  }

  setNumber(index: number, value: number): void {
    this.numbers[index][this.rows - 1] = value
  }

  setText(index: number, text: string | undefined): void {
    this.texts[index].add(text)
  }

  setLabel(index: number, value: JsonValue | undefined): void {
    this.labels[index].set(this.rows - 1, value)
  }

  finish(): Batch {
    const { rows } = this
    return {
      rows,
      ids: this.ids.finish(),
      epochMilliseconds: this.epochMilliseconds.subarray(0, rows),
      zipKeys: this.zipKeys.subarray(0, rows),
      numbers: this.numbers.map((numbers) => numbers.subarray(0, rows)),
      texts: this.texts.map((text) => text.finish()),
      labels: this.labels.map(({ kinds, numbers, text }) => ({
        kinds: kinds.subarray(0, rows),
        numbers: numbers.subarray(0, rows),
        text: text.finish(),
      })),
    }
  }

  private widen(capacity: number): void {
    const { pool } = this
    this.capacity = capacity
    this.epochMilliseconds = moved(pool, this.epochMilliseconds, doubles(pool, capacity))
    this.zipKeys = moved(pool, this.zipKeys, integers(pool, capacity))
    this.numbers.forEach((numbers, index) => {
      this.numbers[index] = moved(pool, numbers, doubles(pool, capacity))
    })
    for (const label of this.labels) {
      label.kinds = moved(pool, label.kinds, bytes(pool, capacity))
      label.numbers = moved(pool, label.numbers, doubles(pool, capacity))
    }
  }
}
