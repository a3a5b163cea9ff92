/** Counts outcomes into the accuracy of versions, and remembers which, so that each counts once. */
import { accuracyOf } from '../core/accuracy/accuracy.ts'
import { outcomeKey, type ScoredFate, type ScoredOutcome } from '../core/accuracy/scored.ts'
import { emptyCounts, mergeCounts, type StatisticsCounts } from '../core/statistics/counts.ts'
import { emptyLatency } from '../core/statistics/latency-histogram.ts'
import { type Stretch, stretchesHolding } from '../core/statistics/rollup.ts'
import type { StatsStore } from './stats-store.ts'

/** With more, those whose receipts end first are forgotten, and could count again; so many at once that it happens seldom. A row has 20 bytes. */
const MAX_OUTCOMES = 1_000_000
const KEPT_OUTCOMES = 900_000

/** The counts of a version of which nothing else is known. */
const countsWith = ({ model, version, output, foretold, truth }: ScoredOutcome): StatisticsCounts => ({
  ...emptyCounts(),
  versions: {
    [`${model}@${version}`]: {
      predictions: 0,
      errors: {},
      degraded: {},
      latency: emptyLatency(),
      outputs: {},
      fields: {},
      accuracy: { [output]: accuracyOf(output, foretold, truth) },
    },
  },
})

export class StatsAccuracy {
  /** No more rows than this, without counting them. */
  #rowsAtMost: number

  constructor(
    private readonly sql: SqlStorage,
    private readonly store: StatsStore,
    private readonly mostOutcomes = MAX_OUTCOMES,
    private readonly keptOutcomes = KEPT_OUTCOMES,
  ) {
    this.#rowsAtMost = this.#count()
  }

  /** One fate for each outcome, in order. To be called in a transaction. */
  add(scored: readonly ScoredOutcome[], now: number): readonly ScoredFate[] {
    const fresh = new Map<string, { readonly stretch: Stretch; counts: StatisticsCounts }>()
    const fates = scored.map((outcome): ScoredFate => {
      if (!this.#isNew(outcome)) return 'repeated'
      const counts = countsWith(outcome)
      // Clocks differ; what is yet to come would be gathered by nobody.
      for (const stretch of stretchesHolding(Math.min(outcome.at, now), now, this.store.gathered)) {
        const key = `${stretch.span} ${stretch.from}`
        const same = fresh.get(key)
        if (same === undefined) fresh.set(key, { stretch, counts })
        else same.counts = mergeCounts(same.counts, counts)
      }
      return 'counted'
    })
    for (const { stretch, counts } of fresh.values()) {
      const before = this.store.load(stretch)
      this.store.save(stretch.span, stretch.from, mergeCounts(before, counts), before)
    }
    if (this.#rowsAtMost > this.mostOutcomes) this.#trim()
    return fates
  }

  forget(now: number): void {
    this.sql.exec('DELETE FROM scored_outcomes WHERE until < ?', now)
    this.#rowsAtMost = this.#count()
  }

  #isNew(outcome: ScoredOutcome): boolean {
    const key = outcomeKey(outcome)
    if (this.sql.exec('SELECT 1 FROM scored_outcomes WHERE outcome = ?', key).toArray().length > 0) return false
    this.sql.exec('INSERT INTO scored_outcomes VALUES (?, ?)', key, outcome.until)
    this.#rowsAtMost++
    return true
  }

  #count(): number {
    return this.sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM scored_outcomes').one().rows
  }

  #trim(): void {
    this.#rowsAtMost = this.#count()
    if (this.#rowsAtMost <= this.mostOutcomes) return
    this.sql.exec(
      'DELETE FROM scored_outcomes WHERE outcome IN (SELECT outcome FROM scored_outcomes ORDER BY until LIMIT ?)',
      this.#rowsAtMost - this.keptOutcomes,
    )
    this.#rowsAtMost = this.keptOutcomes
  }
}
