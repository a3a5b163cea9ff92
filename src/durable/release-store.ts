/** Rows in and out of the tables of a release controller; decides nothing. */
import type { Release, ReleaseChange } from '../core/release/release.ts'
import type { VersionRecord } from '../protocol/version-record.ts'
import type { HistoryPage, LoadAlarm } from '../serving/ports/release-control.ts'

const FORMAT = 1
/** Loads that fail after so long are news again. */
const QUIET_MILLISECONDS = 600_000

type Row = { readonly format: number; readonly body: string }

/** A row's body. A format that this code still accepts is a case of its own here. */
const read = <T>({ format, body }: Row): T => {
  if (format !== FORMAT) throw new Error(`a stored row has format ${format}, this code knows ${FORMAT}`)
  return JSON.parse(body) as T
}

/** A version that somebody has reserved, or has published: then with its record. */
export interface VersionRow {
  readonly digest: string
  readonly reservedAt: number
  readonly record: VersionRecord | null
}

export class ReleaseStore {
  constructor(private readonly sql: SqlStorage) {}

  /** `null` while nobody has released anything. */
  get release(): Release | null {
    const [row] = this.sql.exec<Row>('SELECT format, body FROM release')
    return row === undefined ? null : read<Release>(row)
  }

  /** Writes the release and its entry of the history: in one transaction, if the caller is in one. */
  change(release: Release, change: ReleaseChange): void {
    this.sql.exec('INSERT OR REPLACE INTO release VALUES (1, ?, ?)', FORMAT, JSON.stringify(release))
    this.sql.exec('INSERT INTO changes VALUES (?, ?, ?)', change.revision, FORMAT, JSON.stringify(change))
  }

  /** Newest first. */
  history({ limit, before }: HistoryPage): ReleaseChange[] {
    const query = 'SELECT format, body FROM changes WHERE revision < ? ORDER BY revision DESC LIMIT ?'
    return [...this.sql.exec<Row>(query, before ?? Number.MAX_SAFE_INTEGER, limit)].map((row) =>
      read<ReleaseChange>(row),
    )
  }

  /** The published versions, oldest first. */
  get versions(): VersionRecord[] {
    const query = 'SELECT format, body FROM versions WHERE body IS NOT NULL ORDER BY rowid'
    return [...this.sql.exec<Row>(query)].map((row) => read<VersionRecord>(row))
  }

  /** How many versions are published. */
  get versionCount(): number {
    const [row] = this.sql.exec<{ count: number }>('SELECT count(*) AS count FROM versions WHERE body IS NOT NULL')
    return row?.count ?? 0
  }

  version(version: string): VersionRow | null {
    const query = 'SELECT digest, reserved_at, format, body FROM versions WHERE version = ?'
    const [row] = this.sql.exec<{ digest: string; reserved_at: number; format: number | null; body: string | null }>(
      query,
      version,
    )
    if (row === undefined) return null
    const { digest, reserved_at: reservedAt, format, body } = row
    return { digest, reservedAt, record: format === null || body === null ? null : read({ format, body }) }
  }

  /** Over an earlier reservation, never over a published version. */
  reserve(version: string, digest: string, now: number): void {
    this.sql.exec(
      `INSERT INTO versions (version, digest, reserved_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (version) DO UPDATE SET digest = ?2, reserved_at = ?3 WHERE body IS NULL`,
      version,
      digest,
      now,
    )
  }

  publish(record: VersionRecord): void {
    const statement = 'UPDATE versions SET format = ?, body = ? WHERE version = ? AND body IS NULL'
    this.sql.exec(statement, FORMAT, JSON.stringify(record), record.version)
  }

  /** Counts failed loads of a version. Returns whether they are the first ones after a quiet time. */
  loadFailed(version: string, revision: number, count: number, now: number): boolean {
    const [known] = this.sql.exec<{ last_at: number }>('SELECT last_at FROM load_alarms WHERE version = ?', version)
    const isNew = known === undefined || now - known.last_at > QUIET_MILLISECONDS
    if (isNew) {
      const statement = 'INSERT OR REPLACE INTO load_alarms VALUES (?1, ?2, ?3, ?3, ?4)'
      this.sql.exec(statement, version, revision, now, count)
    } else {
      const statement = 'UPDATE load_alarms SET last_at = ?, count = count + ? WHERE version = ?'
      this.sql.exec(statement, now, count, version)
    }
    return isNew
  }

  /** Newest first. */
  get alarms(): LoadAlarm[] {
    const query =
      'SELECT version, revision, first_at AS first, last_at AS last, count FROM load_alarms ORDER BY last_at DESC LIMIT 20'
    return [...this.sql.exec<{ version: string; revision: number; first: number; last: number; count: number }>(query)]
  }

  acknowledge(target: string, revision: number): void {
    this.sql.exec(
      `INSERT INTO deliveries VALUES (?1, ?2)
        ON CONFLICT (target) DO UPDATE SET revision = max(revision, ?2)`,
      target,
      revision,
    )
  }

  /** Has `target` brought its release anew. */
  forget(target: string): void {
    this.sql.exec('DELETE FROM deliveries WHERE target = ?', target)
  }

  /** The revision each place has acknowledged; what is not in it has acknowledged none. */
  get acknowledged(): ReadonlyMap<string, number> {
    const rows = this.sql.exec<{ target: string; revision: number }>('SELECT target, revision FROM deliveries')
    return new Map([...rows].map(({ target, revision }) => [target, revision]))
  }
}
