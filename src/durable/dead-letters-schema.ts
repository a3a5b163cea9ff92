/** The tables of the dead letters. */
import type { Steps } from './migrate.ts'

export const DEAD_LETTER_STEPS: Steps = [
  [
    // In the order they came. `body` is the JSON of what is never asked for by itself; `kept_bytes` are those of the payload kept here.
    `CREATE TABLE letters (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL,
      model TEXT NOT NULL, first_failed_at INTEGER NOT NULL, last_failed_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL, kept_bytes INTEGER NOT NULL, format INTEGER NOT NULL, body TEXT NOT NULL
    )`,
    'CREATE INDEX letters_by_state ON letters (state, sequence)',
    'CREATE INDEX letters_by_code ON letters (code, sequence)',
    'CREATE INDEX letters_by_age ON letters (last_failed_at)',
    'CREATE TABLE payloads (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL)',
    // The ids its events are replayed under; `is_open` from the moment a replay begins until it is settled.
    'CREATE TABLE replays (sequence INTEGER PRIMARY KEY, events TEXT NOT NULL, is_open INTEGER NOT NULL)',
    // What the public caused in an hour: letters kept, of them as a sample, and letters that are only counted.
    `CREATE TABLE hours (
      hour INTEGER NOT NULL, code TEXT NOT NULL, kept INTEGER NOT NULL, sampled INTEGER NOT NULL, counted INTEGER NOT NULL,
      PRIMARY KEY (hour, code)
    ) WITHOUT ROWID`,
    // How many letters there are, and bytes of their payloads, kept by the triggers: counting them anew would read every row.
    `CREATE TABLE totals (
      state TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL, letters INTEGER NOT NULL, bytes INTEGER NOT NULL,
      PRIMARY KEY (state, stage, code)
    ) WITHOUT ROWID`,
    `CREATE TRIGGER letters_added AFTER INSERT ON letters BEGIN
      INSERT INTO totals VALUES (new.state, new.stage, new.code, 1, new.kept_bytes)
        ON CONFLICT DO UPDATE SET letters = letters + 1, bytes = bytes + new.kept_bytes;
    END`,
    `CREATE TRIGGER letters_changed AFTER UPDATE OF state, stage, code ON letters BEGIN
      UPDATE totals SET letters = letters - 1, bytes = bytes - old.kept_bytes
        WHERE state = old.state AND stage = old.stage AND code = old.code;
      INSERT INTO totals VALUES (new.state, new.stage, new.code, 1, new.kept_bytes)
        ON CONFLICT DO UPDATE SET letters = letters + 1, bytes = bytes + new.kept_bytes;
    END`,
    `CREATE TRIGGER letters_forgotten AFTER DELETE ON letters BEGIN
      UPDATE totals SET letters = letters - 1, bytes = bytes - old.kept_bytes
        WHERE state = old.state AND stage = old.stage AND code = old.code;
      DELETE FROM payloads WHERE sequence = old.sequence;
      DELETE FROM replays WHERE sequence = old.sequence;
    END`,
  ],
]
