/** MurmurHash3, 128 bits: identity of content and, later, sticky assignment. Fast and even; not for secrets. */

const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const finish = (hash: number): number => {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Four bytes from `at` as a little-endian word; those past the end are 0. */
const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')

/**
 * The hash of `bytes` as 32 hexadecimal digits, words in the order h1 h2 h3 h4.
 * Source: A. Appleby, MurmurHash3_x86_128, 2011 (public domain); checked against mmh3.
 */
export const murmur3 = (bytes: Uint8Array, seed = 0): string => {
  let h1 = seed
  let h2 = seed
  let h3 = seed
  let h4 = seed
  const { length } = bytes
  const tail = length & ~15
  for (let at = 0; at < tail; at += 16) {
    h1 ^= Math.imul(rotate(Math.imul(word(bytes, at), C1), 15), C2)
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 ^= Math.imul(rotate(Math.imul(word(bytes, at + 4), C2), 16), C3)
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 ^= Math.imul(rotate(Math.imul(word(bytes, at + 8), C3), 17), C4)
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 ^= Math.imul(rotate(Math.imul(word(bytes, at + 12), C4), 18), C1)
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  // A word of no bytes is 0 and leaves its lane as it is.
  h4 ^= Math.imul(rotate(Math.imul(word(bytes, tail + 12), C4), 18), C1)
  h3 ^= Math.imul(rotate(Math.imul(word(bytes, tail + 8), C3), 17), C4)
  h2 ^= Math.imul(rotate(Math.imul(word(bytes, tail + 4), C2), 16), C3)
  h1 ^= Math.imul(rotate(Math.imul(word(bytes, tail), C1), 15), C2)

  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  h1 = finish(h1)
  h2 = finish(h2)
  h3 = finish(h3)
  h4 = finish(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  return hex(h1) + hex(h2) + hex(h3) + hex(h4)
}
