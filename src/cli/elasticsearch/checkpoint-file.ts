/** Keeps the state of a stream in a file, whole or not at all. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from '../command.ts'
import { beginning, type SavedState } from './follow-state.ts'
import { differenceOf, type Reading } from './reading.ts'

const VERSION = 1

export interface Checkpoint {
  readonly version: typeof VERSION
  readonly reading: Reading
  readonly state: SavedState
  /** The number of the part that is written next. */
  readonly part: number
  /** The state once part number `part` stands under its final name. */
  readonly pending: SavedState | null
}

export const newCheckpoint = (reading: Reading): Checkpoint => ({
  version: VERSION,
  reading,
  state: beginning,
  part: 1,
  pending: null,
})

const parse = (text: string): Checkpoint | undefined => {
  try {
    const checkpoint = JSON.parse(text) as Checkpoint
    return checkpoint.version === VERSION && Array.isArray(checkpoint.state.delivered) ? checkpoint : undefined
  } catch {
    return undefined
  }
}

/** What `path` holds; `undefined` where there is no such file. Throws a UsageError where it belongs to another stream. */
export const readCheckpoint = (path: string, wanted: Reading): Checkpoint | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const checkpoint = parse(text)
  if (checkpoint === undefined) throw new UsageError(`${path} is not a checkpoint of this version; give another file`)
  const difference = differenceOf(checkpoint.reading, wanted)
  if (difference === undefined) return checkpoint
  throw new UsageError(`${path} belongs to another stream (${difference}); give another file`)
}

export const writeCheckpoint = (path: string, checkpoint: Checkpoint): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.tmp`, `${JSON.stringify(checkpoint)}\n`)
  renameSync(`${path}.tmp`, path)
}
