/** Rows in and out of the tables of a statistics object; decides nothing. */
import {
  completeCounts,
  emptyCounts,
  mergeCounts,
  type StatisticsCounts,
  type VersionCounts,
} from '../core/statistics/counts.ts'
import {
  DAY,
  type Gathered,
  HOUR,
  KEPT_MILLISECONDS,
  MINUTE,
  type Span,
  type Stretch,
} from '../core/statistics/rollup.ts'

/** The key of what belongs to no version. */
const SHARED = ''
const FORMAT = 1

type Shared = Omit<StatisticsCounts, 'versions'>
type Row = { readonly start: number; readonly key: string; readonly format: number; readonly body: string }

/** A row as counts. A format that this code still accepts is a case of its own here. */
const readRow = ({ key, format, body }: Row): StatisticsCounts => {
  if (format !== FORMAT) throw new Error(`a stored window has format ${format}, this code knows ${FORMAT}`)
  return key === SHARED
    ? completeCounts(JSON.parse(body) as Partial<Shared>)
    : { ...emptyCounts(), versions: { [key]: JSON.parse(body) as VersionCounts } }
}

export class StatsStore {
  constructor(private readonly sql: SqlStorage) {}

  /** The rows of `stretch`, oldest first: each holds one version, or what belongs to none. */
  rows({ span, from, to }: Stretch): readonly { readonly start: number; readonly counts: StatisticsCounts }[] {
    const query = `SELECT start, key, format, body FROM windows
      WHERE span = ? AND start >= ? AND start < ? ORDER BY start, key`
    return [...this.sql.exec<Row>(query, span, from, to)].map((row) => ({ start: row.start, counts: readRow(row) }))
  }

  /** The same in no order, read as they are asked for: for who keeps little of each. */
  *each({ span, from, to }: Stretch): Generator<{ readonly start: number; readonly counts: StatisticsCounts }> {
    const query = 'SELECT start, key, format, body FROM windows WHERE span = ? AND start >= ? AND start < ?'
    for (const row of this.sql.exec<Row>(query, span, from, to)) yield { start: row.start, counts: readRow(row) }
  }

  /** The rows of one version, `name@version`. */
  *eachOf(
    key: string,
    { span, from, to }: Stretch,
  ): Generator<{ readonly start: number; readonly version: VersionCounts }> {
    const query = 'SELECT start, key, format, body FROM windows WHERE span = ? AND start >= ? AND start < ? AND key = ?'
    for (const row of this.sql.exec<Row>(query, span, from, to, key)) {
      const version = readRow(row).versions[key]
      if (version !== undefined) yield { start: row.start, version }
    }
  }

  /** The start of the first row of `span`; `null`: there is none. */
  first(span: Span): number | null {
    return this.sql.exec<{ first: number | null }>('SELECT min(start) AS first FROM windows WHERE span = ?', span).one()
      .first
  }

  /** When the last delta was counted, epoch milliseconds; 0: none was, or none for a day. */
  get lastSeen(): number {
    return this.sql.exec<{ seen: number | null }>('SELECT max(seen_at) AS seen FROM isolates').one().seen ?? 0
  }

  /** What `stretch` holds, merged. */
  load({ span, from, to }: Stretch): StatisticsCounts {
    const query = 'SELECT start, key, format, body FROM windows WHERE span = ? AND start >= ? AND start < ?'
    let counts = emptyCounts()
    for (const row of this.sql.exec<Row>(query, span, from, to)) counts = mergeCounts(counts, readRow(row))
    return counts
  }

  /** Writes `counts` as the row group (`span`, `start`). Versions that stand there as the same object in `before` are left as they are. */
  save(span: Span, start: number, counts: StatisticsCounts, before: StatisticsCounts): void {
    const { versions, ...shared } = counts
    // A version beyond the limit has gone into another's row.
    for (const key of Object.keys(before.versions)) {
      if (versions[key] === undefined) this.#remove(span, start, key)
    }
    for (const [key, version] of Object.entries(versions)) {
      if (version !== before.versions[key]) this.#write(span, start, key, version)
    }
    this.#write(span, start, SHARED, shared)
  }

  #write(span: Span, start: number, key: string, body: VersionCounts | Shared): void {
    const statement = 'INSERT OR REPLACE INTO windows (span, start, key, format, body) VALUES (?, ?, ?, ?, ?)'
    this.sql.exec(statement, span, start, key, FORMAT, JSON.stringify(body))
  }

  #remove(span: Span, start: number, key: string): void {
    this.sql.exec('DELETE FROM windows WHERE span = ? AND start = ? AND key = ?', span, start, key)
  }

  /** The starts of the stretches of `within` that hold rows of the finer `span`, in order. */
  occupied(span: Span, within: Stretch): number[] {
    const query = `SELECT DISTINCT start - start % ? AS start FROM windows
      WHERE span = ? AND start >= ? AND start < ? ORDER BY start`
    const rows = this.sql.exec<{ start: number }>(query, within.span, span, within.from, within.to)
    return [...rows].map(({ start }) => start)
  }

  /** The last sequence applied of `isolate`; 0 when none is known. */
  lastSequence(isolate: string): number {
    const query = 'SELECT last_sequence FROM isolates WHERE isolate = ?'
    return this.sql.exec<{ last_sequence: number }>(query, isolate).toArray()[0]?.last_sequence ?? 0
  }

  remember(isolate: string, sequence: number, now: number): void {
    this.sql.exec('INSERT OR REPLACE INTO isolates VALUES (?, ?, ?)', isolate, sequence, now)
  }

  get gathered(): Gathered {
    return this.sql.exec<{ hours: number; days: number }>('SELECT hours, days FROM gathered').one()
  }

  set gathered({ hours, days }: Gathered) {
    this.sql.exec('UPDATE gathered SET hours = ?, days = ?', hours, days)
  }

  /** Deletes what has been kept long enough, and the isolates that have been silent for a day. */
  forget(now: number, gathered: Gathered): void {
    const forgetUntil = (span: Span, gatheredUntil: number) => {
      const until = Math.min(now - KEPT_MILLISECONDS[span], gatheredUntil)
      this.sql.exec('DELETE FROM windows WHERE span = ? AND start < ?', span, until)
    }
    forgetUntil(MINUTE, gathered.hours)
    forgetUntil(HOUR, gathered.days)
    forgetUntil(DAY, now)
    this.sql.exec('DELETE FROM isolates WHERE seen_at < ?', now - DAY)
  }

  get isEmpty(): boolean {
    return this.sql.exec('SELECT 1 FROM windows UNION ALL SELECT 1 FROM isolates LIMIT 1').toArray().length === 0
  }
}
