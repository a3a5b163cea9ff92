/** Outcomes in: each with the hash of its event's id to the statistics objects, which know what both versions had said. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { TimeRules } from '../core/event/event-time.ts'
import { Failure } from '../core/failure.ts'
import { eventOf } from '../core/judgement/unit.ts'
import type { BodyItem } from '../protocol/body.ts'
import type { OutcomesAnswer } from '../protocol/outcomes.ts'
import { errorBody, type ItemError } from '../protocol/problem.ts'
import type { OutcomeFates, OutcomeShards } from './ports/outcome-shards.ts'
import { type Outcome, outcomeId, readOutcome } from './read-outcome.ts'

export interface OutcomeReporterParts {
  readonly shards: OutcomeShards
  readonly rules: TimeRules
  /** The comparer's: see `unitOf` in core/judgement. */
  readonly unitSeed: number
  readonly clock: Clock
  readonly deadlineMilliseconds: number
}

type Read = Outcome & { readonly index: number }

const NOBODY_ASKED: OutcomeFates = { fates: [], shards: { answered: 0, of: 0 } }

export class OutcomeReporter {
  constructor(private readonly parts: OutcomeReporterParts) {}

  /** One bad outcome never fails its neighbours. Throws `statistics_unavailable` when no statistics object took them. */
  async report(items: readonly BodyItem[]): Promise<OutcomesAnswer> {
    const { outcomes, rejected } = this.#read(items)
    const { fates, shards } = outcomes.length === 0 ? NOBODY_ASKED : await this.#send(outcomes)
    outcomes.forEach(({ index, id }, at) => {
      const fate = fates[at]
      if (fate?.fate === 'refused')
        rejected.push({ index, id, error: { code: 'invalid_parameter', message: fate.message, path: fate.path } })
    })
    return {
      accepted: items.length - rejected.length,
      matched: fates.filter(({ fate }) => fate === 'matched').length,
      rejected: rejected.sort((a, b) => a.index - b.index),
      shards,
    }
  }

  #read(items: readonly BodyItem[]): { readonly outcomes: readonly Read[]; readonly rejected: ItemError[] } {
    const outcomes: Read[] = []
    const rejected: ItemError[] = []
    items.forEach((item, index) => {
      try {
        if ('failure' in item) throw item.failure
        outcomes.push({ index, ...readOutcome(item.value, this.parts.rules) })
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure
        rejected.push({ index, id: 'value' in item ? outcomeId(item.value) : null, error: errorBody(failure) })
      }
    })
    return { outcomes, rejected }
  }

  #send(outcomes: readonly Read[]): Promise<OutcomeFates> {
    const { shards, unitSeed, clock, deadlineMilliseconds } = this.parts
    const reported = outcomes.map(({ id, output, value }) => ({ event: eventOf(id, unitSeed), output, value }))
    return shards.report(reported, deadlineIn(clock, deadlineMilliseconds))
  }
}
