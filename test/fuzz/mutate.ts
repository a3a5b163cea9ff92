/** Changes bytes of a document, so that most often it is no JSON any more. */
import type { Random } from '../../bench/random.ts'

/** What a byte becomes more often than by chance: what the grammar turns on. */
const TELLING_BYTES = Buffer.from('"\\\\{}[],:0-.eut \n\u0000\u001f\u007f')

/** UTF-8 at its bounds: the first and last sequences that are some, overlong ones, surrogates, beyond the last, cut short. */
const SEQUENCES = [
  ...'c280 dfbf e0a080 ed9fbf ee8080 efbfbf f0908080 f48fbfbf c080 c1bf e09fbf eda080 edbfbf f08fbfbf'.split(' '),
  ...'f4908080 f5808080 ff 80 bf c2 e282 f09f98 c2c0 e28220 f09f9822'.split(' '),
].map((digits) => Buffer.from(digits, 'hex'))

const changedByte = (random: Random): number =>
  random.chance(0.8) ? (TELLING_BYTES[random.below(TELLING_BYTES.length)] as number) : random.below(256)

/** `bytes` with what lies between `start` and `end` replaced by `piece`. */
const splice = (bytes: Buffer, start: number, end: number, piece: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(end)])

const change = (random: Random, bytes: Buffer): Buffer => {
  const at = random.below(bytes.length + 1)
  const kind = random.fraction()
  if (kind < 0.4) return splice(bytes, at, at + 1, Buffer.of(changedByte(random)))
  if (kind < 0.5) return splice(bytes, at, at, random.pick(SEQUENCES))
  if (kind < 0.6) return splice(bytes, at, at, Buffer.of(changedByte(random)))
  if (kind < 0.8) return splice(bytes, at, at + 1 + random.below(3), Buffer.alloc(0))
  // A stretch is repeated, or the end is cut off.
  return kind < 0.9 ? splice(bytes, at, Math.max(0, at - random.below(20)), Buffer.alloc(0)) : bytes.subarray(0, at)
}

/** `document` with one to four changes. */
export const mutate = (random: Random, document: Buffer): Buffer => {
  let bytes = document
  for (let changes = 1 + random.below(4); changes > 0; changes--) bytes = change(random, bytes)
  return bytes
}
