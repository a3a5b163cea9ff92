/** The tables of the watch. */
import type { Steps } from './migrate.ts'

export const WATCH_STEPS: Steps = [
  [
    // The models that have a canary, by the newest release the object was told of; the last look at each that had one.
    'CREATE TABLE watched (model TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE TABLE judgements (model TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
  ],
]
