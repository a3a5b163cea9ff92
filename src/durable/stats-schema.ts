/** The tables of a statistics object. */
import type { Steps } from './migrate.ts'

export const STATISTICS_STEPS: Steps = [
  [
    // One row for each span, start and key: a model version, or '' for what belongs to none.
    `CREATE TABLE windows (
      span INTEGER NOT NULL, start INTEGER NOT NULL, key TEXT NOT NULL, format INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (span, start, key)
    )`,
    'CREATE TABLE isolates (isolate TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX isolates_by_age ON isolates (seen_at)',
    'CREATE TABLE gathered (hours INTEGER NOT NULL, days INTEGER NOT NULL)',
    'INSERT INTO gathered VALUES (0, 0)',
  ],
]

/**
 * Tables that came later, made where they are absent. They are no step: during a deployment an object may go back to older code, which
 * refuses tables of a later step and has no need of these.
 */
export const addTables = (sql: SqlStorage): void => {
  for (const table of [
    // The newest release the object was told of each model, and when, epoch milliseconds.
    'CREATE TABLE IF NOT EXISTS releases (model TEXT PRIMARY KEY, body TEXT NOT NULL, confirmed_at INTEGER NOT NULL) WITHOUT ROWID',
    // What was seen of each canary beside stable, merged; forgotten when nothing was seen for a week.
    'CREATE TABLE IF NOT EXISTS evidence (canary TEXT PRIMARY KEY, body TEXT NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID',
    // The canaries of the compared events, each with the outputs that are kept.
    'CREATE TABLE IF NOT EXISTS compared_canaries (canary TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
    // What both versions said of an event, until its outcome is reported; forgotten after a week. By ids that are hashes.
    `CREATE TABLE IF NOT EXISTS compared_events (
      event INTEGER NOT NULL, canary TEXT NOT NULL, unit INTEGER NOT NULL, at INTEGER NOT NULL, said TEXT NOT NULL,
      PRIMARY KEY (event, canary)
    ) WITHOUT ROWID`,
    // The outcomes that are counted into the accuracy of a version, by a hash of event, version and output, until their receipts end.
    'CREATE TABLE IF NOT EXISTS scored_outcomes (outcome INTEGER PRIMARY KEY, until INTEGER NOT NULL)',
    // What the points of the last minutes hold; NULL: that is not known any more.
    'CREATE TABLE IF NOT EXISTS recent_points (start INTEGER PRIMARY KEY, body TEXT)',
    // What has been counted since the beginning, until the start of totals_folded: a row for each model version, and '' for what belongs to none.
    'CREATE TABLE IF NOT EXISTS totals (key TEXT PRIMARY KEY, format INTEGER NOT NULL, body TEXT NOT NULL)',
    'CREATE TABLE IF NOT EXISTS totals_folded (one INTEGER PRIMARY KEY, until INTEGER NOT NULL)',
  ]) {
    sql.exec(table)
  }
}
