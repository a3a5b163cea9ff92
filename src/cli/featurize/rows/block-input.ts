/** Reads the bytes of a block straight to where they are scanned. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { RecordReader } from '../../../core/scan/records.ts'
import type { BlockInput } from './block.ts'

const LINE_FEED = 10
const SEEK_BYTES = 65_536

/** Where the first line that begins at or behind `start` begins; `end` or more where none begins before it. */
const firstLine = (file: number, start: number, end: number): number => {
  if (start === 0) return 0
  const buffer = Buffer.allocUnsafe(SEEK_BYTES)
  for (let at = start - 1; at < end; ) {
    const count = readSync(file, buffer, 0, SEEK_BYTES, at)
    if (count === 0) return end
    const found = buffer.subarray(0, count).indexOf(LINE_FEED)
    if (found >= 0) return at + found + 1
    at += count
  }
  return end
}

/** The bytes of one block on their way into a reader. */
export class InputPump {
  /** Where the block begins in its file; 0 for bytes. */
  start = 0
  /** Bytes read so far. */
  bytes = 0
  /** Whether the last of them ends a line. */
  endsLine = false
  private readonly reader: RecordReader
  private readonly onInput: () => void

  /** `onInput` is called whenever something was written to the reader's room. */
  constructor(reader: RecordReader, onInput: () => void) {
    this.reader = reader
    this.onInput = onInput
  }

  /** Reads all of `input`. Throws what the reader or `onInput` throws, and the error of a file that cannot be read. */
  run(input: BlockInput): void {
    if ('bytes' in input) {
      this.copy(input.bytes)
      return
    }
    const file = openSync(input.path, 'r')
    try {
      const { start, end, lines } = input
      if (lines) this.readLines(file, start, end)
      else this.readRange(file, start, end)
    } finally {
      closeSync(file)
    }
  }

  private filled(count: number): void {
    if (count === 0) return
    this.reader.filled(count)
    const { bytes, inputEnd } = this.reader.scanner
    this.endsLine = bytes[inputEnd - 1] === LINE_FEED
    this.bytes += count
    this.onInput()
  }

  private copy(bytes: Uint8Array): void {
    while (this.bytes < bytes.length) {
      const room = this.reader.room()
      const part = bytes.subarray(this.bytes, this.bytes + room.length)
      room.set(part)
      this.filled(part.length)
    }
  }

  private readRange(file: number, start: number, end: number): void {
    this.start = start
    for (let count = 1; count > 0 && start + this.bytes < end; ) {
      const room = this.reader.room()
      const at = start + this.bytes
      count = readSync(file, room, 0, Math.min(room.length, end - at), at)
      this.filled(count)
    }
  }

  /** Reads the lines that begin between `from` and `end`, the last one to its line feed. */
  private readLines(file: number, from: number, end: number): void {
    const start = firstLine(file, from, end)
    this.start = start
    let isDone = start >= end
    while (!isDone) {
      const room = this.reader.room()
      const at = start + this.bytes
      const count = readSync(file, room, 0, room.length, at)
      // The last line holds the byte before `end`.
      const lineFeed = at + count < end ? -1 : room.subarray(0, count).indexOf(LINE_FEED, Math.max(0, end - 1 - at))
      isDone = count === 0 || lineFeed >= 0
      this.filled(lineFeed >= 0 ? lineFeed + 1 : count)
    }
  }
}
