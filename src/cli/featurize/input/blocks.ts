/** Cuts a source into blocks: whole lines that any thread can read, or pieces for one thread to read in turn. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { RecordFormat } from '../../../core/scan/detect-format.ts'
import type { Block } from '../rows/block.ts'
import type { RecordSource } from '../source.ts'
import { SNIFFED_BYTES, sniffFormat } from './sniff.ts'

/** So much is read at once: many rows, yet few enough that columns of them fit in memory for every thread. */
const BLOCK_BYTES = 4 * 2 ** 20
/** Of a file, of which only rows are held, as much as has about so many lines: each block costs two messages between threads. */
const BLOCK_LINES = 16_384
const MOST_BLOCK_BYTES = 16 * 2 ** 20

const LINE_FEED = 10

export interface PlacedBlock {
  readonly block: Block
  /** How far the source has come with it, as in `SourceChunk.position`. */
  readonly position: number
}

/** Numbers the streams of a run. */
export class StreamNumbers {
  private last = 0

  next(): number {
    return ++this.last
  }
}

const startOf = (path: string): { readonly bytes: Uint8Array; readonly isAll: boolean } => {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(SNIFFED_BYTES)
    const count = readSync(file, bytes, 0, bytes.length, 0)
    return { bytes: bytes.subarray(0, count), isAll: count < bytes.length }
  } finally {
    closeSync(file)
  }
}

const countLines = (bytes: Uint8Array): number => {
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++
  return lines
}

/** How much of a file to read at once, from how it starts. */
const blockBytes = (start: Uint8Array): number => {
  const lineBytes = start.length / Math.max(1, countLines(start))
  return Math.min(MOST_BLOCK_BYTES, Math.max(BLOCK_BYTES, Math.ceil(lineBytes) * BLOCK_LINES))
}

function* fileBlocks(
  path: string,
  size: number,
  asked: RecordFormat | undefined,
  streams: StreamNumbers,
): Generator<PlacedBlock> {
  const start = startOf(path)
  const format = asked ?? sniffFormat(start.bytes, start.isAll) ?? 'ndjson'
  const lines = format === 'ndjson'
  const stream = streams.next()
  const most = lines ? blockBytes(start.bytes) : BLOCK_BYTES
  for (let from = 0; from === 0 || from < size; from += most) {
    const end = Math.min(size, from + most)
    const input = { path, start: from, end, lines }
    const block = { stream, isLines: lines, input, offset: from, format, isLast: end === size }
    yield { block, position: end }
  }
}

/** Gathers chunks into blocks. */
class Gathering {
  bytes = new Uint8Array(BLOCK_BYTES)
  length = 0
  /** Bytes of the source before the gathered ones. */
  offset = 0

  get isFull(): boolean {
    return this.length === this.bytes.length
  }

  /** Takes as much of `bytes` as there is room for. Returns how much. */
  take(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.bytes.length - this.length)
    this.bytes.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.length)
    this.length += taken
    return taken
  }

  /** The gathered bytes up to `end`, the others stay. */
  release(end: number): Uint8Array<ArrayBuffer> {
    const released = this.bytes.subarray(0, end)
    const rest = this.bytes.subarray(end, this.length)
    this.bytes = new Uint8Array(Math.max(BLOCK_BYTES, rest.length))
    this.bytes.set(rest)
    this.length = rest.length
    this.offset += end
    return released
  }

  /** No line has ended in a whole block: a record longer than that. */
  widen(): void {
    const grown = new Uint8Array(this.bytes.length * 2)
    grown.set(this.bytes)
    this.bytes = grown
  }
}

/** A line longer than this is handed on as it is, for the scanner to refuse it. */
const LONGEST_LINE_BYTES = 32 * 2 ** 20

async function* chunkBlocks(
  source: RecordSource,
  streams: StreamNumbers,
  signal: AbortSignal,
): AsyncGenerator<PlacedBlock> {
  const gathering = new Gathering()
  const stream = streams.next()
  let format = source.format
  let position = 0
  const placed = (end: number, isLast: boolean): PlacedBlock => {
    const { offset } = gathering
    const bytes = gathering.release(end)
    const isLines = format === 'ndjson'
    const block = { stream, isLines, input: { bytes }, offset, format: format ?? 'ndjson', isLast }
    return { block, position }
  }
  for await (const chunk of source.chunks(signal)) {
    for (let at = 0; at < chunk.bytes.length; ) {
      at += gathering.take(at === 0 ? chunk.bytes : chunk.bytes.subarray(at))
      position = chunk.position
      if (!gathering.isFull) continue
      format ??= sniffFormat(gathering.bytes, false) ?? 'ndjson'
      const end = format === 'ndjson' ? gathering.bytes.lastIndexOf(LINE_FEED) + 1 : gathering.length
      if (end > 0 || gathering.length >= LONGEST_LINE_BYTES) yield placed(end > 0 ? end : gathering.length, false)
      else gathering.widen()
    }
  }
  format ??= sniffFormat(gathering.bytes.subarray(0, gathering.length), true)
  yield placed(gathering.length, true)
}

/**
 * The blocks of `source` in order, the last one perhaps empty. Rejects with a ScanFailure for what is not JSON, and with what the source
 * rejects with.
 */
export const blocksOf = (
  source: RecordSource,
  streams: StreamNumbers,
  signal: AbortSignal,
): AsyncIterable<PlacedBlock> | Iterable<PlacedBlock> =>
  source.file === undefined || source.size === undefined
    ? chunkBlocks(source, streams, signal)
    : fileBlocks(source.file, source.size, source.format, streams)
