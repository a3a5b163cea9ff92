/** The memory that bytes are scanned in: a window on the input, and the rows that the kernel makes of it. */
import { encodePlan } from './encode-plan.ts'
import { instantiateKernel, type Kernel } from './kernel.ts'
import type { PathPlan } from './paths.ts'
import { Rows, rowBytes } from './rows.ts'

export interface ScannerOptions {
  /** The largest record, in bytes. What is not used of it costs address space only. */
  readonly capacityBytes?: number
  /** Every byte of a record is checked, as JSON.parse does, and not only its structure and the asked values. */
  readonly strict?: boolean
}

const PAGE_BYTES = 65_536
const DEFAULT_CAPACITY_BYTES = 16 * 2 ** 20
/** The compiler keeps what is below to itself. */
const BITMAPS_START = 1024
/** A quarter of a million bytes of rows stay in the second-level cache. */
const ROWS_BYTES = 2 ** 18
/** `_bulk` pairs want two rows at once. */
const LEAST_ROWS = 2
/** The zeros that the kernel writes behind the input, rounded up. */
const PADDING_BYTES = 128

/**
 * Input is written straight to where it is scanned: `room()` is handed to whatever reads a file, `filled()` says how much came. Nothing here
 * allocates per record. Places are indices into `bytes`.
 */
export class Scanner {
  readonly kernel: Kernel
  readonly inputStart: number
  /** Behind the last byte of input in the window. */
  inputEnd: number
  private readonly capacityEnd: number
  private window: Rows

  constructor(plan: PathPlan, options: ScannerOptions = {}) {
    const capacity = Math.ceil((options.capacityBytes ?? DEFAULT_CAPACITY_BYTES) / 64) * 64
    this.kernel = instantiateKernel()
    // Three bits a byte, and one block that ends every search.
    this.inputStart = BITMAPS_START + (capacity / 64 + 1) * 24 + 64
    this.inputStart -= this.inputStart % 64
    this.inputEnd = this.inputStart
    this.capacityEnd = this.inputStart + capacity
    this.kernel.placeBitmaps(BITMAPS_START, this.inputStart)
    this.kernel.setStrict(options.strict === true ? 1 : 0)
    this.window = this.use(plan)
  }

  /** Scans for `plan` from now on. The input in the window stays; rows and views from before are dead. */
  use(plan: PathPlan): Rows {
    const { kernel } = this
    const bytes = rowBytes(plan.values.length)
    const rowsStart = this.capacityEnd + PADDING_BYTES
    const rowsEnd = rowsStart + Math.max(ROWS_BYTES, LEAST_ROWS * bytes)
    const planStart = Math.ceil(rowsEnd / 8) * 8
    const encoded = encodePlan(plan, planStart)
    const pages =
      Math.ceil((planStart + encoded.bytes.length) / PAGE_BYTES) - kernel.memory.buffer.byteLength / PAGE_BYTES
    if (pages > 0) kernel.memory.grow(pages)
    const memory = new Uint8Array(kernel.memory.buffer)
    memory.set(encoded.bytes, planStart)
    kernel.placeRows(rowsStart, rowsEnd)
    kernel.placeNames(encoded.names, encoded.longestEscaped)
    kernel.placePlan(encoded.root, planStart, encoded.slotsEnd, encoded.sourceSlot, encoded.lists, plan.values.length)
    this.window = new Rows(memory, rowsStart, plan.values.length)
    return this.window
  }

  get bytes(): Uint8Array {
    return this.window.bytes
  }

  /** The rows of the last scan. */
  get rows(): Rows {
    return this.window
  }

  /** Where the next bytes of input go, `wanted` at most; empty when the window is full. */
  room(wanted: number): Uint8Array {
    return this.bytes.subarray(this.inputEnd, Math.min(this.inputEnd + wanted, this.capacityEnd))
  }

  /** `count` bytes were written to `room()`. */
  filled(count: number): void {
    this.inputEnd += count
  }

  /** Makes the window begin with what is at `place` now. */
  discard(place: number): void {
    this.bytes.copyWithin(this.inputStart, place, this.inputEnd)
    this.inputEnd -= place - this.inputStart
  }

  /** One row for each line from `at`. Returns a `Stop`. */
  scanLines(at: number, final: boolean): number {
    const stop = this.kernel.scanLines(at, this.inputEnd, final ? 1 : 0)
    this.window.count = this.kernel.rowCount()
    return stop
  }

  /** One row for each element from `at`, of a list up to its bracket or of a bare sequence. Returns a `Stop`. */
  scanElements(at: number, list: boolean, final: boolean): number {
    const stop = this.kernel.scanElements(at, this.inputEnd, list ? 1 : 0, final ? 1 : 0)
    this.window.count = this.kernel.rowCount()
    return stop
  }
}
