/** What a judgement knows of a visitor and of an event: numbers that do not tell who or which it is. */
import { murmur3Text } from '../release/unit-hash.ts'

/** Any odd number will do: it only has to make the second hash another one. */
const SECOND_SEED = 0x9e3779b9
/** The same: an event whose id is its unit has two numbers that do not tell so. */
const EVENT_SEED = 0x65766e75

/**
 * 52 bits of hash of a unit's id, a whole number in [0, 2^52). `seed` is 32 bits that differ from those that assign units to versions (else
 * a canary's units would all be small numbers) and that a stranger does not know (else ids could be chosen that crowd others out of the
 * sample). MurmurHash3 is not a keyed hash: whoever can see the numbers could find the seed, so they stay inside.
 */
export const unitOf = (id: string, seed: number): number =>
  murmur3Text(id, seed) * 2 ** 20 + (murmur3Text(id, seed ^ SECOND_SEED) >>> 12)

/** 52 bits of hash of an event's id, by the same `seed` and for the same use. */
export const eventOf = (id: string, seed: number): number => unitOf(id, seed ^ EVENT_SEED)
