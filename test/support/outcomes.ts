/** Statistics objects that take outcomes, in memory: they know the events a test says they know. */
import { outcomeKey, type ScoredFate, type ScoredOutcome } from '../../src/core/accuracy/scored.ts'
import { Failure } from '../../src/core/failure.ts'
import type { OutcomeFate, ReportedOutcome } from '../../src/core/judgement/outcomes.ts'
import type { OutcomeFates, OutcomeShards } from '../../src/serving/ports/outcome-shards.ts'
import type { ScoredOutcomes } from '../../src/serving/ports/scored-outcomes.ts'

export class MemoryOutcomes implements OutcomeShards {
  readonly reported: ReportedOutcome[] = []
  fateOf: (outcome: ReportedOutcome) => OutcomeFate = () => ({ fate: 'unmatched' })
  isDown = false

  async report(outcomes: readonly ReportedOutcome[]): Promise<OutcomeFates> {
    if (this.isDown) throw new Failure('statistics_unavailable', 'none of the 4 statistics shards answered')
    this.reported.push(...outcomes)
    return { fates: outcomes.map(this.fateOf), shards: { answered: 3, of: 4 } }
  }
}

/** Statistics objects that count outcomes, in memory: each once. */
export class MemoryScores implements ScoredOutcomes {
  readonly counted: ScoredOutcome[] = []
  isDown = false
  readonly #known = new Set<number>()

  async score(outcomes: readonly ScoredOutcome[]): Promise<readonly (ScoredFate | null)[]> {
    if (this.isDown) return outcomes.map(() => null)
    return outcomes.map((outcome) => {
      const key = outcomeKey(outcome)
      if (this.#known.has(key)) return 'repeated'
      this.#known.add(key)
      this.counted.push(outcome)
      return 'counted'
    })
  }
}
