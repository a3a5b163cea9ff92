/** The evidence a statistics object keeps of each canary, merged over its isolates. */
import { type Evidence, mergeEvidence } from '../core/judgement/evidence.ts'
import { readEvidence } from '../core/judgement/read-evidence.ts'
import { evidenceKey } from '../core/statistics/delta-builder.ts'
import { DAY } from '../core/statistics/rollup.ts'

/** A canary that nobody has met for this long is over. */
const KEPT_MILLISECONDS = 7 * DAY

export class StatsEvidence {
  constructor(private readonly sql: SqlStorage) {}

  /** Merging again what is already in changes nothing. */
  add(evidence: Evidence, now: number): void {
    const key = evidenceKey(evidence)
    const [known] = this.sql.exec<{ body: string }>('SELECT body FROM evidence WHERE canary = ?', key)
    const merged = known === undefined ? evidence : mergeEvidence(readEvidence(JSON.parse(known.body)), evidence)
    this.sql.exec('INSERT OR REPLACE INTO evidence VALUES (?, ?, ?)', key, JSON.stringify(merged), now)
  }

  /** Newest canary last. */
  of(model: string): readonly Evidence[] {
    const rows = this.sql.exec<{ body: string }>('SELECT body FROM evidence')
    const all = [...rows].map(({ body }) => readEvidence(JSON.parse(body)))
    return all.filter((evidence) => evidence.model === model).sort((a, b) => a.since - b.since)
  }

  forget(now: number): void {
    this.sql.exec('DELETE FROM evidence WHERE seen_at < ?', now - KEPT_MILLISECONDS)
  }
}
