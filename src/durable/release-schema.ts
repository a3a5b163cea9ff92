/** The tables of a release controller. */
import type { Steps } from './migrate.ts'

export const RELEASE_STEPS: Steps = [
  [
    // One row, or none while nobody has released anything.
    'CREATE TABLE release (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, body TEXT NOT NULL)',
    'CREATE TABLE changes (revision INTEGER PRIMARY KEY, format INTEGER NOT NULL, body TEXT NOT NULL)',
    // Without a body: reserved for the bytes of that digest, not published.
    `CREATE TABLE versions (
      version TEXT PRIMARY KEY, digest TEXT NOT NULL, reserved_at INTEGER NOT NULL, format INTEGER, body TEXT
    )`,
    // The revision each place that is brought releases has acknowledged.
    'CREATE TABLE deliveries (target TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID',
    // Versions that were released and could not be loaded.
    `CREATE TABLE load_alarms (
      version TEXT PRIMARY KEY, revision INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL
    )`,
  ],
]
