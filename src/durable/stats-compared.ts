/** The compared events a statistics object keeps until their outcomes are reported. */
import type { ComparedEvent, ComparedEvents } from '../core/judgement/compared-events.ts'
import type { Compared } from '../core/judgement/outcomes.ts'
import { evidenceKey } from '../core/statistics/delta-builder.ts'
import { DAY } from '../core/statistics/rollup.ts'

const KEPT_MILLISECONDS = 7 * DAY
/** With more, those over `KEPT_EVENTS` are dropped: so much at once that it happens seldom. A row has about 150 bytes. */
const MAX_EVENTS = 20_000
const KEPT_EVENTS = 16_000
/** Of a unit, which has one vote, the newest, once the table is full: no visitor crowds out the others. */
const EVENTS_PER_UNIT = 8

type Canary = Omit<ComparedEvents, 'events'>
type Said = Pick<ComparedEvent, 'canary' | 'stable'>
type Row = {
  readonly canary: string
  readonly unit: number
  readonly at: number
  readonly said: string
  readonly body: string
}

export class StatsCompared {
  /** No more rows than this, without counting them. */
  #rowsAtMost: number

  constructor(private readonly sql: SqlStorage) {
    this.#rowsAtMost = this.#count()
  }

  /** Of several events of one id the first stays: an id that is sent again cannot take the place of what it stood for. */
  add({ events, ...canary }: ComparedEvents, now: number): void {
    const key = evidenceKey(canary)
    this.sql.exec('INSERT OR IGNORE INTO compared_canaries VALUES (?, ?)', key, JSON.stringify(canary))
    for (const { event, unit, at, canary: ofCanary, stable } of events) {
      const said: Said = { canary: ofCanary, stable }
      const statement = 'INSERT OR IGNORE INTO compared_events VALUES (?, ?, ?, ?, ?)'
      this.sql.exec(statement, event, key, unit, Math.min(at, now), JSON.stringify(said))
    }
    this.#rowsAtMost += events.length
    if (this.#rowsAtMost > MAX_EVENTS) this.#trim()
  }

  of(event: number): readonly Compared[] {
    const query =
      'SELECT canary, unit, at, said, body FROM compared_events JOIN compared_canaries USING (canary) WHERE event = ?'
    return [...this.sql.exec<Row>(query, event)].map(({ canary: key, unit, at, said, body }) => {
      const { outputs, ...subject } = JSON.parse(body) as Canary
      return { key, subject, outputs, event: { event, unit, at, ...(JSON.parse(said) as Said) } }
    })
  }

  forget(now: number): void {
    this.sql.exec('DELETE FROM compared_events WHERE at < ?', now - KEPT_MILLISECONDS)
    this.sql.exec('DELETE FROM compared_canaries WHERE canary NOT IN (SELECT canary FROM compared_events)')
    this.#rowsAtMost = this.#count()
  }

  #count(): number {
    return this.sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM compared_events').one().rows
  }

  /**
   * Units of low numbers stay, as among the votes: a uniform sample, from all the time that is kept, of which the votes are a sample again.
   * The newest alone would be some minutes of a busy shard, and outcomes come late.
   */
  #trim(): void {
    this.#rowsAtMost = this.#count()
    if (this.#rowsAtMost <= MAX_EVENTS) return
    this.sql.exec(
      `DELETE FROM compared_events WHERE (event, canary) IN (
        SELECT event, canary FROM (
          SELECT event, canary, row_number() OVER (PARTITION BY canary, unit ORDER BY at DESC) AS nth FROM compared_events
        ) WHERE nth > ?
      )`,
      EVENTS_PER_UNIT,
    )
    const first = 'SELECT unit FROM compared_events ORDER BY unit LIMIT 1 OFFSET ?'
    this.sql.exec(`DELETE FROM compared_events WHERE unit >= (${first})`, KEPT_EVENTS)
    this.#rowsAtMost = this.#count()
  }
}
