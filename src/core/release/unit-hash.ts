/** MurmurHash3, 32 bits, of a text: where a unit stands among all units. Even and fast; not for secrets. */

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const scramble = (word: number): number => Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)

/** The UTF-8 bytes of a code point as a little-endian word, the first byte lowest. A lone surrogate is U+FFFD, as in every UTF-8 encoder. */
const utf8Word = (point: number): number => {
  if (point < 0x80) return point
  if (point < 0x800) return 0x80c0 | (point >>> 6) | ((point & 0x3f) << 8)
  if (point >= 0xd800 && point < 0xe000) return 0xbdbfef
  if (point < 0x10000) return 0x8080e0 | (point >>> 12) | ((point & 0xfc0) << 2) | ((point & 0x3f) << 16)
  return 0x808080f0 | (point >>> 18) | ((point & 0x3f000) >>> 4) | ((point & 0xfc0) << 10) | ((point & 0x3f) << 24)
}

const utf8Length = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4)

/**
 * The hash of the UTF-8 bytes of `text`, a whole number in [0, 2^32); they are made and mixed on the way, so nothing is allocated.
 * Source: A. Appleby, MurmurHash3_x86_32, 2011 (public domain); checked against mmh3.
 */
export const murmur3Text = (text: string, seed = 0): number => {
  let hash = seed
  let word = 0
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) as number
    if (point > 0xffff) at++
    const bytes = utf8Word(point)
    const count = utf8Length(point)
    const filled = length & 3
    word |= bytes << (filled * 8)
    length += count
    if (filled + count < 4) continue
    hash = (Math.imul(rotate(hash ^ scramble(word), 13), 5) + 0xe6546b64) | 0
    word = filled === 0 ? 0 : bytes >>> (32 - filled * 8)
  }
  hash ^= scramble(word) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
