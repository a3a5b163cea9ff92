/** Dice that fall the same way each time: a seeded stream of uniform numbers. */

/**
 * A generator of uniform numbers in [0, 1) with 32 bits each, the same for the same `seed` on every machine: integers only.
 * Source: T. Ettinger, "mulberry32" (public domain, 2017).
 */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * `count` distinct integers of 0 … `total` − 1, ascending, every subset equally likely; all of them if `count` ≥ `total`.
 * Source: D. E. Knuth, The Art of Computer Programming vol. 2, section 3.4.2, algorithm S (selection sampling).
 */
export const sampleIndices = (total: number, count: number, random: () => number): number[] => {
  const chosen: number[] = []
  for (let index = 0; index < total && chosen.length < count; index++) {
    if ((total - index) * random() < count - chosen.length) chosen.push(index)
  }
  return chosen
}
