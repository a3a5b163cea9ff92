/** Where outcomes that came with receipts are counted into the accuracy of versions: the statistics objects. */
import type { ScoredFate, ScoredOutcome } from '../../core/accuracy/scored.ts'
import type { Deadline } from '../../core/clock.ts'

export interface ScoredOutcomes {
  /** One fate for each outcome, in order; `null`: the object that counts it did not answer, so it may be counted or not. Never rejects. */
  score(outcomes: readonly ScoredOutcome[], deadline: Deadline): Promise<readonly (ScoredFate | null)[]>
}
