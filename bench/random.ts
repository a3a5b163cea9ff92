/** Seeded random numbers, the same in every runtime, for records and fuzzed documents. */

export interface Random {
  /** In [0, 1). */
  fraction(): number
  /** A whole number in [0, `below`). */
  below(below: number): number
  pick<T>(from: readonly T[]): T
  /** True with the probability `share`. */
  chance(share: number): boolean
}

/** The generator mulberry32 (Tommy Ettinger, 2017): 32 bits of state, good enough in every bit for test data. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(fraction() * limit)
  return {
    fraction,
    below,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    chance: (share) => fraction() < share,
  }
}
