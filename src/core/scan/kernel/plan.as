/** How a plan lies in memory; src/core/scan/encode-plan.ts writes it. Every address is absolute, every word 32 bits. */

/** A node is 65 words, the first entry of each of 64 buckets of names by length modulo 64; its entries follow. */
export const BUCKETS: usize = 64
export const NODE_BYTES: usize = 65 * 4
export const ENTRY_BYTES: usize = 32

/** The name's first eight bytes, zeros behind a shorter one. */
export function entryHead(entry: usize): u64 {
  return load<u64>(entry)
}
export function entryLength(entry: usize): usize {
  return load<u32>(entry, 8)
}
/** The bytes of the name. */
export function entryName(entry: usize): usize {
  return load<u32>(entry, 12)
}
/** The slot that notes a value of this name, or 0. */
export function entrySlot(entry: usize): usize {
  return load<u32>(entry, 16)
}
/** The node for the names inside a value of this name, or 0. */
export function entryChild(entry: usize): usize {
  return load<u32>(entry, 20)
}
/** The slots of that node and of all below it: from here … */
export function entryFirstInner(entry: usize): usize {
  return load<u32>(entry, 24)
}
/** … up to here. */
export function entryEndInner(entry: usize): usize {
  return load<u32>(entry, 28)
}

/** A slot notes the last value seen of one name at one place: kind, start, end. */
export const SLOT_BYTES: usize = 12
