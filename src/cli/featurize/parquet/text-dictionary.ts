/** Numbers the different strings of a column by their bytes, without decoding them. */

const SLOTS = 2 ** 16
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** The hash FNV-1a in 32 bits (Fowler, Noll, Vo; RFC 9923). */
const hashOf = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = FNV_OFFSET
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], FNV_PRIME)
  return hash ^ (hash >>> 15)
}

const areEqual = (bytes: Uint8Array, from: number, to: number, other: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== bytes[other + at - from]) return false
  return true
}

/** Its memory is used again after `clear`. Half as many entries as there are slots, at most. */
export class TextDictionary {
  static readonly MOST_ENTRIES = SLOTS / 2
  size = 0
  /** One more than the entry in each slot, 0 where there is none. */
  private readonly slots = new Int32Array(SLOTS)
  /** Where each entry stands in the column. */
  private readonly starts = new Int32Array(TextDictionary.MOST_ENTRIES)
  private readonly ends = new Int32Array(TextDictionary.MOST_ENTRIES)

  clear(): void {
    this.slots.fill(0)
    this.size = 0
  }

  /** The number of the string from `from` to `to` of `bytes`, its length included; a new one, the next, for a string not met before. */
  entryOf(bytes: Uint8Array, from: number, to: number): number {
    const { slots, starts, ends } = this
    let slot = hashOf(bytes, from, to) & (SLOTS - 1)
    for (let entry = slots[slot] - 1; entry >= 0; entry = slots[slot] - 1) {
      if (ends[entry] - starts[entry] === to - from && areEqual(bytes, from, to, starts[entry])) return entry
      slot = (slot + 1) & (SLOTS - 1)
    }
    if (this.size === TextDictionary.MOST_ENTRIES) throw new RangeError(`more than ${this.size} strings`)
    slots[slot] = this.size + 1
    starts[this.size] = from
    ends[this.size] = to
    return this.size++
  }

  /** All entries, one after the other. */
  plain(bytes: Uint8Array): Uint8Array {
    const parts = Array.from({ length: this.size }, (_, entry) => bytes.subarray(this.starts[entry], this.ends[entry]))
    return Buffer.concat(parts)
  }
}
