/** Files of made-up records, as large as is asked for, kept from one bench to the next. */
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { makeLines, type RecordSize } from './records.ts'

const BATCH: Readonly<Record<RecordSize, number>> = { beacon: 20_000, log: 10_000, session: 1_000 }
/** Records are made anew up to here, then the same ones come again: making them is slower than reading them. */
const UNIQUE_BYTES = 256 * 2 ** 20

const write = async (stream: Writable, bytes: Uint8Array): Promise<void> => {
  if (!stream.write(bytes)) await new Promise((resolve) => stream.once('drain', resolve))
}

/** Writes at least `bytes` of records to `stream` and ends it. Returns how many records these are. */
export const writeRecords = async (stream: Writable, size: RecordSize, bytes: number): Promise<number> => {
  const made: Buffer[] = []
  let written = 0
  let batches = 0
  for (; written < bytes; batches++) {
    const again = made.length > 0 && made.length * (made[0] as Buffer).length >= UNIQUE_BYTES
    const lines = again ? (made[batches % made.length] as Buffer) : makeLines(size, BATCH[size], batches + 1)
    if (!again) made.push(lines)
    await write(stream, lines)
    written += lines.length
  }
  stream.end()
  await finished(stream)
  return batches * BATCH[size]
}

/** A file of at least `bytes` of records; one that is there and large enough is taken as it is. */
export const recordFile = async (path: string, size: RecordSize, bytes: number): Promise<void> => {
  if (existsSync(path) && statSync(path).size >= bytes) return
  mkdirSync(dirname(path), { recursive: true })
  await writeRecords(createWriteStream(`${path}.part`), size, bytes)
  renameSync(`${path}.part`, path)
}
