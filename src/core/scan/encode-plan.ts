/** A plan as the bytes that the scan kernel reads (kernel/plan.as says how they lie). */
import type { PathPlan, PlanEntry, PlanNode, SlotList } from './paths.ts'

const BUCKETS = 64
const NODE_BYTES = (BUCKETS + 1) * 4
const ENTRY_BYTES = 32
const SLOT_BYTES = 12

/** A byte of a name may be written as a backslash, u and four digits. */
const ESCAPE_BYTES = 6
/** Names are compared eight bytes at a time. */
const OVERREAD_BYTES = 8

/** `text` as UTF-8, a lone surrogate by the same rule, as the kernel reads an escaped one. */
const utf8 = (text: string): number[] => {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) as number
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f))
    else {
      if (point < 0x10000) bytes.push(0xe0 | (point >> 12))
      else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f))
      bytes.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
    }
  }
  return bytes
}

/** Bytes that grow, addressed from `base`. */
class Image {
  private bytes = new Uint8Array(1024)
  private view = new DataView(this.bytes.buffer)
  private length = 0
  private readonly base: number

  constructor(base: number) {
    this.base = base
  }

  /** The address of `count` new bytes, all zero, at a multiple of eight. */
  reserve(count: number): number {
    const start = (this.length + 7) & ~7
    this.length = start + count
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(this.length * 2)
      grown.set(this.bytes)
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    return this.base + start
  }

  setWord(address: number, value: number): void {
    this.view.setUint32(address - this.base, value, true)
  }

  setBytes(address: number, bytes: readonly number[]): void {
    this.bytes.set(bytes, address - this.base)
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

export interface EncodedPlan {
  readonly bytes: Uint8Array
  /** Addresses. */
  readonly root: number
  readonly slotsEnd: number
  readonly sourceSlot: number
  readonly lists: number
  /** Room for `longestEscaped` bytes. */
  readonly names: number
  readonly longestEscaped: number
}

/** `plan` for the address `base`, where its slots come first. */
export const encodePlan = (plan: PathPlan, base: number): EncodedPlan => {
  const image = new Image(base)
  const slots = image.reserve(plan.slotCount * SLOT_BYTES)
  const slotAddress = (slot: number): number => slots + slot * SLOT_BYTES

  let longestName = 0
  const writeEntry = (address: number, entry: PlanEntry, name: readonly number[]): void => {
    longestName = Math.max(longestName, name.length)
    const text = image.reserve(name.length)
    image.setBytes(text, name)
    image.setBytes(address, name.slice(0, 8))
    image.setWord(address + 8, name.length)
    image.setWord(address + 12, text)
    image.setWord(address + 16, entry.slot === undefined ? 0 : slotAddress(entry.slot))
    image.setWord(address + 20, entry.child === undefined ? 0 : writeNode(entry.child))
    image.setWord(address + 24, slotAddress(entry.firstInner))
    image.setWord(address + 28, slotAddress(entry.endInner))
  }

  const writeNode = (node: PlanNode): number => {
    const named = [...node.values()].map((entry) => ({ entry, name: utf8(entry.name) }))
    named.sort((a, b) => (a.name.length % BUCKETS) - (b.name.length % BUCKETS))
    const address = image.reserve(NODE_BYTES + named.length * ENTRY_BYTES)
    for (let bucket = 0; bucket <= BUCKETS; bucket++) {
      image.setWord(address + bucket * 4, named.filter(({ name }) => name.length % BUCKETS < bucket).length)
    }
    named.forEach(({ entry, name }, index) => {
      writeEntry(address + NODE_BYTES + index * ENTRY_BYTES, entry, name)
    })
    return address
  }

  const writeList = (list: SlotList): number => {
    const address = image.reserve((list.length + 1) * 4)
    list.forEach((slot, index) => {
      image.setWord(address + index * 4, slotAddress(slot))
    })
    return address
  }

  const root = writeNode(plan.root)
  const lists = image.reserve(plan.values.length * 8)
  plan.values.forEach(({ flat, hit }, index) => {
    image.setWord(lists + index * 8, writeList(flat))
    image.setWord(lists + index * 8 + 4, writeList(hit))
  })
  const slotsEnd = slots + plan.slotCount * SLOT_BYTES
  const sourceSlot = slotAddress(plan.sourceSlot)
  const longestEscaped = longestName * ESCAPE_BYTES
  const names = image.reserve(longestEscaped + OVERREAD_BYTES)
  return { bytes: image.finish(), root, slotsEnd, sourceSlot, lists, names, longestEscaped }
}
