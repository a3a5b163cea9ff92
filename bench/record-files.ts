/** Files of made-up records, as large as is asked for, kept from one bench to the next. */
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type Random, seededRandom } from './random.ts'
import { makeLines, type RecordSize } from './records.ts'

const BATCH: Readonly<Record<RecordSize, number>> = { beacon: 20_000, log: 10_000, session: 1_000 }
/** Records are made anew up to here, then the same ones come again under other ids: making them is slower than reading them. */
const UNIQUE_BYTES = 256 * 2 ** 20

const ID_START = Buffer.from('"_id":"')
const ID_DIGITS = 8
const LINE_FEED = 10

/** Gives each line another id, by its first digits: with equal ids a dictionary of them would be small, as it never is. */
const renewIds = (lines: Buffer, random: Random): void => {
  for (let at = 0; at < lines.length; at = lines.indexOf(LINE_FEED, at) + 1) {
    at = lines.indexOf(ID_START, at) + ID_START.length
    const high = random.below(65_536).toString(16).padStart(4, '0')
    const low = random.below(65_536).toString(16).padStart(4, '0')
    lines.write(high + low, at, ID_DIGITS, 'latin1')
  }
}

const write = async (stream: Writable, bytes: Uint8Array): Promise<void> => {
  if (!stream.write(bytes)) await new Promise((resolve) => stream.once('drain', resolve))
}

/** Writes at least `bytes` of records to `stream` and ends it. Returns how many records these are. */
export const writeRecords = async (stream: Writable, size: RecordSize, bytes: number): Promise<number> => {
  const made: Buffer[] = []
  let madeBytes = 0
  let written = 0
  let batches = 0
  const random = seededRandom(0)
  for (; written < bytes; batches++) {
    let lines: Buffer
    if (madeBytes < UNIQUE_BYTES) {
      lines = makeLines(size, BATCH[size], batches + 1)
      made.push(lines)
      madeBytes += lines.length
    } else {
      // A copy: the stream may still hold the one before.
      lines = Buffer.from(made[batches % made.length])
      renewIds(lines, random)
    }
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
