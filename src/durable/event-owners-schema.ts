/** The tables of an event-owner object. */
import type { Steps } from './migrate.ts'

export const EVENT_OWNERS_STEPS: Steps = [
  [
    // By the hash of the event's id, 32 hexadecimal digits. The owner is a message id, or a dead letter's behind 'letter:'.
    'CREATE TABLE owners (event TEXT PRIMARY KEY, owner TEXT NOT NULL, forget_at INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX owners_by_end ON owners (forget_at)',
    // Messages whose archive objects are being joined, or were.
    'CREATE TABLE seals (message TEXT PRIMARY KEY, forget_at INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX seals_by_end ON seals (forget_at)',
  ],
]
