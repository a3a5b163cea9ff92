import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BATCH_LIMITS, MESSAGE_LIMITS, type PackLimits, pack } from '../../../src/core/ingest/pack.ts'

const limits = fc.record({
  items: fc.integer({ min: 1, max: 20 }),
  bytes: fc.integer({ min: 50, max: 500 }),
  groupBytes: fc.integer({ min: 0, max: 20 }),
  itemBytes: fc.integer({ min: 0, max: 10 }),
})

/** Limits, and sizes of items each of which fits. */
const fitting = limits.chain((given) =>
  fc.tuple(
    fc.constant(given),
    fc.array(fc.integer({ min: 0, max: given.bytes - given.groupBytes - given.itemBytes }), { maxLength: 200 }),
  ),
)

const sizeOf = (sizes: readonly number[], { groupBytes, itemBytes }: PackLimits): number =>
  sizes.reduce((sum, size) => sum + size + itemBytes, groupBytes)

describe('packing', () => {
  it('keeps the order, loses nothing and never exceeds a limit', () => {
    fc.assert(
      fc.property(fitting, ([given, sizes]) => {
        const groups = pack(sizes, given)
        expect(groups.flatMap(({ start, end }) => sizes.slice(start, end))).toEqual(sizes)
        let next = 0
        for (const { start, end, bytes } of groups) {
          expect(start).toBe(next)
          next = end
          expect(end - start).toBeGreaterThan(0)
          expect(end - start).toBeLessThanOrEqual(given.items)
          expect(bytes).toBe(sizeOf(sizes.slice(start, end), given))
          expect(bytes).toBeLessThanOrEqual(given.bytes)
        }
      }),
    )
  })

  it('begins a group only when the next item does not fit in the last one', () => {
    fc.assert(
      fc.property(fitting, ([given, sizes]) => {
        for (const { start, end } of pack(sizes, given)) {
          if (end === sizes.length) continue
          const isFull = end - start === given.items || sizeOf(sizes.slice(start, end + 1), given) > given.bytes
          expect(isFull).toBe(true)
        }
      }),
    )
  })

  it('makes no group of nothing', () => {
    expect(pack([], BATCH_LIMITS)).toEqual([])
  })

  it('refuses an item that fits in no group, by its place and size', () => {
    const given = { items: 5, bytes: 100, groupBytes: 10, itemBytes: 1 }
    expect(pack([89], given)).toEqual([{ start: 0, end: 1, bytes: 100 }])
    expect(() => pack([1, 90], given)).toThrow(/item 1 takes 101 bytes; 100 fit/)
  })

  it('fits any message in a batch, with room for what the queue adds', () => {
    expect(MESSAGE_LIMITS.bytes + 28_000).toBeLessThanOrEqual(128_000)
    expect(pack([MESSAGE_LIMITS.bytes, MESSAGE_LIMITS.bytes], BATCH_LIMITS)).toHaveLength(1)
  })
})
