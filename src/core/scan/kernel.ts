/** The scan kernel with its types: WebAssembly, since it compares 16 bytes at once, which JavaScript cannot. */
import { KERNEL_BASE64 } from './kernel-wasm.ts'

/** Why a scan stopped (kernel/rows.as). */
export const Stop = { wantsInput: 0, rowsFull: 1, listClosed: 2, lost: 3 } as const

/** What kernel/kernel.as exports. Addresses are places in `memory`; flags are 0 or 1. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  placeBitmaps(bitmapStart: number, inputStart: number): void
  placeNames(scratchStart: number, longestEscaped: number): void
  placeRows(start: number, end: number): void
  placePlan(root: number, slots: number, slotsEnd: number, sourceSlot: number, lists: number, values: number): void
  setStrict(on: number): void
  /** Must go before any other reading of the input up to `end`. */
  fillBitmaps(end: number, lines: number): void
  countLineFeeds(end: number): number
  spaces(at: number, limit: number): number
  /** 0 where the string or value has a fault or does not end. */
  skipString(at: number, limit: number): number
  skipValue(at: number, limit: number, depth: number): number
  faultCode(): number
  faultPlace(): number
  beginList(): void
  scanLines(at: number, end: number, final: number): number
  scanElements(at: number, end: number, list: number, final: number): number
  rowCount(): number
  consumed(): number
}

/** The parts of the platform that the pure core needs named: both are in every runtime. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}
declare function atob(text: string): string

let compiled: object | undefined

/** A new kernel with a memory of its own. The code is compiled once. */
export const instantiateKernel = (): Kernel => {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (character) => character.charCodeAt(0)))
  return new WebAssembly.Instance(compiled).exports as Kernel
}
