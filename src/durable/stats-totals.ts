/** The totals a statistics object keeps: what was folded into them, and what its windows have held since. */

import { cover, type Gathered } from '../core/statistics/rollup.ts'
import {
  addTotals,
  emptyTotals,
  type StatisticsTotals,
  totalsOf,
  type VersionTotals,
} from '../core/statistics/totals.ts'
import type { StatsStore } from './stats-store.ts'

/** The key of what belongs to no version. */
const SHARED = ''
const FORMAT = 1
/** Beyond every stored start; a whole day, epoch milliseconds. */
const END = 8.64e15

type Shared = Omit<StatisticsTotals, 'versions'>
type Row = { readonly key: string; readonly format: number; readonly body: string }

/**
 * Counts are folded in once no delta can reach their minute any more, hourly, so a delta costs no row more. Until then they are read from the
 * windows. An object that is older than its totals begins them with all that it holds, and one that ran older code for a while loses nothing.
 */
export class StatsTotals {
  constructor(
    private readonly sql: SqlStorage,
    private readonly store: StatsStore,
  ) {}

  read(gathered: Gathered): StatisticsTotals {
    return this.#grown(this.#folded(), this.#foldedUntil, END, gathered)
  }

  /** Adds what lies before `until`, a full hour. To be called in the transaction that gathers it, before it is gathered; `gathered` is what was. */
  fold(until: number, gathered: Gathered): void {
    const from = this.#foldedUntil
    if (until <= from) return
    const before = this.#folded()
    const { versions, ...shared } = this.#grown(before, from, until, gathered)
    for (const [key, version] of Object.entries(versions)) {
      if (version !== before.versions[key]) this.#write(key, version)
    }
    this.#write(SHARED, shared)
    this.sql.exec('INSERT OR REPLACE INTO totals_folded VALUES (0, ?)', until)
  }

  get #foldedUntil(): number {
    return this.sql.exec<{ until: number }>('SELECT until FROM totals_folded').toArray()[0]?.until ?? 0
  }

  #grown(folded: StatisticsTotals, from: number, to: number, gathered: Gathered): StatisticsTotals {
    let totals = folded
    for (const stretch of cover(from, to, gathered)) {
      for (const { start, counts } of this.store.rows(stretch)) totals = addTotals(totals, totalsOf(counts, start))
    }
    return totals
  }

  #folded(): StatisticsTotals {
    const versions: [string, VersionTotals][] = []
    let shared: Shared = emptyTotals()
    for (const { key, format, body } of this.sql.exec<Row>('SELECT key, format, body FROM totals ORDER BY rowid')) {
      if (format !== FORMAT) throw new Error(`a stored total has format ${format}, this code knows ${FORMAT}`)
      if (key === SHARED) shared = { ...shared, ...(JSON.parse(body) as Partial<Shared>) }
      else versions.push([key, JSON.parse(body) as VersionTotals])
    }
    return { ...shared, versions: Object.fromEntries(versions) }
  }

  #write(key: string, body: VersionTotals | Shared): void {
    const statement = `INSERT INTO totals (key, format, body) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET format = excluded.format, body = excluded.body`
    this.sql.exec(statement, key, FORMAT, JSON.stringify(body))
  }
}
