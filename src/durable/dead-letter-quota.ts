/** How many dead letters of the public are kept in an hour; the others are counted, and a few of them kept to look at. */
import type { FailureCode } from '../core/failure.ts'
import type { LetterCount } from '../serving/ports/dead-letters.ts'

const HOUR_MILLISECONDS = 3_600_000
/** Letters of each code that are kept beyond the quota, each hour. */
const SAMPLE = 10

export interface QuotaLimits {
  /** Letters an hour that the public may cause. */
  readonly hourly: number
  /** Payloads in all. */
  readonly totalBytes: number
}

/** `sampled`: beyond the quota, kept to look at. */
export type Verdict = 'kept' | 'sampled' | 'counted'

const hourOf = (now: number): number => Math.floor(now / HOUR_MILLISECONDS)

/** Beside the code's own counts. */
const ADD = `INSERT INTO hours VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  kept = kept + excluded.kept, sampled = sampled + excluded.sampled, counted = counted + excluded.counted`

export class DeadLetterQuota {
  constructor(
    private readonly sql: SqlStorage,
    private readonly limits: QuotaLimits,
  ) {}

  /** Takes a place for a letter of the public, if there is one. `bytes`: of all payloads so far. */
  take(code: FailureCode, bytes: number, now: number): Verdict {
    const { kept, sampled } = this.sql
      .exec<{ kept: number; sampled: number }>(
        `SELECT coalesce(sum(kept), 0) AS kept, coalesce(sum(sampled) FILTER (WHERE code = ?2), 0) AS sampled FROM hours WHERE hour = ?1`,
        hourOf(now),
        code,
      )
      .one()
    const isWithin = kept < this.limits.hourly && bytes < this.limits.totalBytes
    const verdict = isWithin ? 'kept' : sampled < SAMPLE ? 'sampled' : 'counted'
    const one = (which: Verdict): number => (which === verdict ? 1 : 0)
    this.sql.exec(ADD, hourOf(now), code, one('kept'), one('sampled'), one('counted'))
    return verdict
  }

  count(counts: readonly LetterCount[], now: number): void {
    for (const { code, count } of counts) this.sql.exec(ADD, hourOf(now), code, 0, 0, count)
  }

  /** All that were only counted, as long as that is remembered. */
  get counted(): number {
    return this.sql.exec<{ counted: number }>('SELECT coalesce(sum(counted), 0) AS counted FROM hours').one().counted
  }

  /** Forgets the hours that ended before `oldest`, epoch milliseconds. */
  forget(oldest: number): void {
    this.sql.exec('DELETE FROM hours WHERE hour < ?', hourOf(oldest))
  }

  get isEmpty(): boolean {
    return [...this.sql.exec('SELECT 1 FROM hours LIMIT 1')].length === 0
  }
}
