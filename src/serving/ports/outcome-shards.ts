/** Where outcomes are joined with what was answered: the statistics objects. */
import type { Deadline } from '../../core/clock.ts'
import type { OutcomeFate, ReportedOutcome } from '../../core/judgement/outcomes.ts'

export interface OutcomeFates {
  /** One for each outcome, in order. */
  readonly fates: readonly OutcomeFate[]
  readonly shards: { readonly answered: number; readonly of: number }
}

export interface OutcomeShards {
  /** All are asked: which one knows an event is not known. Throws `statistics_unavailable` when none answers. */
  report(outcomes: readonly ReportedOutcome[], deadline: Deadline): Promise<OutcomeFates>
}
