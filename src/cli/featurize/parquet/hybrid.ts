/** Small integers as runs and bit-packed groups of eight: Parquet's RLE encoding ("Encodings.md", RLE = 3, in parquet-format 2.11). */
import type { ByteSink } from './byte-sink.ts'

const GROUP = 8
/** Only runs this long are told apart: shorter ones would break up the groups around them. Each holds two values eight apart, which is how it is found. */
const SHORTEST_RUN = 16

/** Bits that hold every value up to `greatest`, 1 at least: some readers refuse a width of 0. */
export const bitWidth = (greatest: number): number => Math.max(1, 32 - Math.clz32(greatest))

const writeRun = (sink: ByteSink, value: number, count: number, width: number): void => {
  sink.varint(count * 2)
  sink.reserve(4)
  for (let shift = 0; shift < width; shift += 8) sink.bytes[sink.length++] = value >>> shift
}

/** Values so narrow are packed two at a time: both and what is held of the byte before fit into 31 bits. */
const NARROW_WIDTH = 12

const writePacked = (sink: ByteSink, values: Int32Array, from: number, to: number, width: number): void => {
  if (from === to) return
  const groups = Math.ceil((to - from) / GROUP)
  sink.varint(groups * 2 + 1)
  sink.reserve(groups * width)
  const { bytes } = sink
  let out = sink.length
  let held = 0
  let bits = 0
  let at = from
  for (const end = width <= NARROW_WIDTH ? to - 1 : from; at < end; at += 2) {
    held |= (values[at] | (values[at + 1] << width)) << bits
    bits += width * 2
    while (bits >= 8) {
      bytes[out++] = held
      held >>>= 8
      bits -= 8
    }
  }
  for (; at < to; at++) {
    held |= values[at] << bits
    bits += width
    while (bits >= 8) {
      bytes[out++] = held
      held >>>= 8
      bits -= 8
    }
  }
  const end = sink.length + groups * width
  while (out < end) {
    bytes[out++] = held
    held = 0
  }
  sink.length = end
}

/** Appends the first `count` of `values`, each below 2^`width`, at most 24 bits wide. */
export const writeHybrid = (sink: ByteSink, values: Int32Array, count: number, width: number): void => {
  let packedFrom = 0
  for (let at = 0; at + GROUP < count; ) {
    const value = values[at]
    if (value !== values[at + GROUP]) {
      at += GROUP
      continue
    }
    let start = at
    while (start > packedFrom && values[start - 1] === value) start--
    let end = at + 1
    while (end < count && values[end] === value) end++
    // What is packed before a run fills its groups, from the run itself where need be.
    const filling = (GROUP - ((start - packedFrom) % GROUP)) % GROUP
    if (end - start - filling >= SHORTEST_RUN) {
      writePacked(sink, values, packedFrom, start + filling, width)
      writeRun(sink, value, end - start - filling, width)
      packedFrom = end
    }
    at = Math.max(end, at + GROUP)
  }
  writePacked(sink, values, packedFrom, count, width)
}
