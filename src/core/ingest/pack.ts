/** Groups what is to be sent, in its order, so that no group is more than what carries it may hold. */

export interface PackLimits {
  /** Most items in one group. */
  readonly items: number
  /** Most bytes of one group, with everything below. */
  readonly bytes: number
  /** What a group takes by itself. */
  readonly groupBytes: number
  /** What an item takes beside its own bytes. */
  readonly itemBytes: number
}

/** The items from `start` to before `end`. */
export interface Group {
  readonly start: number
  readonly end: number
  readonly bytes: number
}

/** Events in a message. A message may have 128,000 bytes, metadata included; what is left lets the envelope grow (Cloudflare, "Queues limits", read 2026-11). */
export const MESSAGE_LIMITS = { items: 100, bytes: 100_000 } as const

/**
 * Messages in a `sendBatch`: at most 100 and 256,000 bytes. Metadata of "up to ~100 bytes" a message counts as well (Cloudflare, "Queues
 * limits", read 2026-11).
 */
export const BATCH_LIMITS: PackLimits = { items: 100, bytes: 256_000, groupBytes: 0, itemBytes: 128 }

/**
 * Groups of consecutive items, as few as their order allows. `sizes` are bytes. Throws a RangeError for an item that fits in no group.
 */
export const pack = (sizes: readonly number[], limits: PackLimits): readonly Group[] => {
  const groups: Group[] = []
  let start = 0
  let bytes = limits.groupBytes
  sizes.forEach((size, index) => {
    const taken = size + limits.itemBytes
    if (limits.groupBytes + taken > limits.bytes) {
      throw new RangeError(`item ${index} takes ${limits.groupBytes + taken} bytes; ${limits.bytes} fit in a group`)
    }
    if (index > start && (index - start >= limits.items || bytes + taken > limits.bytes)) {
      groups.push({ start, end: index, bytes })
      start = index
      bytes = limits.groupBytes
    }
    bytes += taken
  })
  if (start < sizes.length) groups.push({ start, end: sizes.length, bytes })
  return groups
}
