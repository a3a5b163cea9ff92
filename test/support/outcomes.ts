/** Statistics objects that take outcomes, in memory: they know the events a test says they know. */
import { Failure } from '../../src/core/failure.ts'
import type { OutcomeFate, ReportedOutcome } from '../../src/core/judgement/outcomes.ts'
import type { OutcomeFates, OutcomeShards } from '../../src/serving/ports/outcome-shards.ts'

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
