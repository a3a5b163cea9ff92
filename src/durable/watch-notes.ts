/** What the watch keeps of its duties: when each is due, and their notes. */
import type { Duty, Notes } from '../serving/ports/watch-duties.ts'

/** No step of the migrations: during a deployment the object may go back to older code, which has no need of these. */
const TABLES = [
  'CREATE TABLE IF NOT EXISTS duties (name TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, body TEXT NOT NULL)',
]

export class WatchNotes implements Notes {
  constructor(private readonly sql: SqlStorage) {
    for (const table of TABLES) sql.exec(table)
  }

  read(name: string): unknown {
    const [row] = this.sql.exec<{ body: string }>('SELECT body FROM notes WHERE name = ?', name)
    return row === undefined ? null : JSON.parse(row.body)
  }

  write(name: string, value: unknown): void {
    if (value === null) this.sql.exec('DELETE FROM notes WHERE name = ?', name)
    else this.sql.exec('INSERT OR REPLACE INTO notes VALUES (?, ?)', name, JSON.stringify(value))
  }

  /** Epoch milliseconds; 0 for a duty that was never run. A clock that was set back makes nothing wait for more than its time. */
  dueAt({ name, everyMilliseconds }: Duty, now: number): number {
    const [row] = this.sql.exec<{ due_at: number }>('SELECT due_at FROM duties WHERE name = ?', name)
    return row === undefined ? 0 : Math.min(row.due_at, now + everyMilliseconds)
  }

  begin({ name, everyMilliseconds }: Duty, now: number): void {
    this.sql.exec('INSERT OR REPLACE INTO duties VALUES (?, ?)', name, now + everyMilliseconds)
  }
}
