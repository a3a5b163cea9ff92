/** Outcomes in: to the statistics objects, which know what both versions of a canary had said and count how right each version was. */
import { misfitOf } from '../core/accuracy/foretold.ts'
import type { ScoredFate, ScoredOutcome } from '../core/accuracy/scored.ts'
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { TimeRules } from '../core/event/event-time.ts'
import { Failure, quote } from '../core/failure.ts'
import type { ReportedOutcome } from '../core/judgement/outcomes.ts'
import { eventOf } from '../core/judgement/unit.ts'
import type { BodyItem } from '../protocol/body.ts'
import type { OutcomesAnswer } from '../protocol/outcomes.ts'
import { errorBody, type ItemError } from '../protocol/problem.ts'
import type { OutcomeFates, OutcomeShards } from './ports/outcome-shards.ts'
import type { ScoredOutcomes } from './ports/scored-outcomes.ts'
import { type Outcome, outcomeId, readOutcome } from './read-outcome.ts'
import type { ReceiptVerifier, VerifiedReceipt } from './receipts/verify-receipt.ts'

export interface OutcomeReporterParts {
  readonly shards: OutcomeShards
  readonly scored: ScoredOutcomes
  readonly receipts: ReceiptVerifier
  readonly rules: TimeRules
  /** The comparer's: see `unitOf` in core/judgement. */
  readonly unitSeed: number
  readonly clock: Clock
  readonly deadlineMilliseconds: number
}

/** An outcome, and what is made of it. */
interface Read {
  readonly index: number
  readonly id: string
  /** For the judgement of canaries; `null`: there is no loss of it. */
  readonly judged: ReportedOutcome | null
  /** For the accuracy of its version; `null`: it has no receipt, or no model had run. */
  readonly scored: ScoredOutcome | null
}

type OutcomeOfReceipt = Extract<Outcome, { readonly receipt: string }>

const NOBODY_ASKED: OutcomeFates = { fates: [], shards: { answered: 0, of: 0 } }

const presentOf = <T>(values: readonly (T | null)[]): readonly T[] => values.flatMap((value) => value ?? [])

const countOf = (fates: readonly (ScoredFate | null)[], wanted: ScoredFate | null): number =>
  fates.filter((fate) => fate === wanted).length

export class OutcomeReporter {
  constructor(private readonly parts: OutcomeReporterParts) {}

  /** One bad outcome never fails its neighbours. Throws `statistics_unavailable` when no statistics object took them. */
  async report(items: readonly BodyItem[]): Promise<OutcomesAnswer> {
    const { outcomes, rejected } = await this.#readAll(items)
    const { scored: scores, shards: judges, clock, deadlineMilliseconds } = this.parts
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const judged = outcomes.filter(({ judged }) => judged !== null)
    const toJudge = presentOf(outcomes.map(({ judged }) => judged))
    const toScore = presentOf(outcomes.map(({ scored }) => scored))
    const [{ fates, shards }, counted] = await Promise.all([
      toJudge.length === 0 ? NOBODY_ASKED : judges.report(toJudge, deadline),
      toScore.length === 0 ? [] : scores.score(toScore, deadline),
    ])
    const uncounted = countOf(counted, null)
    if (toJudge.length === 0 && toScore.length > 0 && uncounted === toScore.length)
      throw new Failure('statistics_unavailable', 'no statistics object counted these outcomes')
    judged.forEach(({ index, id }, at) => {
      const fate = fates[at]
      if (fate?.fate === 'refused')
        rejected.push({ index, id, error: { code: 'invalid_parameter', message: fate.message, path: fate.path } })
    })
    return {
      accepted: items.length - rejected.length,
      matched: fates.filter(({ fate }) => fate === 'matched').length,
      counted: countOf(counted, 'counted'),
      repeated: countOf(counted, 'repeated'),
      uncounted,
      rejected: rejected.sort((a, b) => a.index - b.index),
      shards,
    }
  }

  async #readAll(
    items: readonly BodyItem[],
  ): Promise<{ readonly outcomes: readonly Read[]; readonly rejected: ItemError[] }> {
    const outcomes: Read[] = []
    const rejected: ItemError[] = []
    for (const [index, item] of items.entries()) {
      try {
        if ('failure' in item) throw item.failure
        const outcome = readOutcome(item.value, this.parts.rules)
        outcomes.push('receipt' in outcome ? await this.#ofReceipt(index, outcome) : this.#ofId(index, outcome))
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure
        rejected.push({ index, id: 'value' in item ? outcomeId(item.value) : null, error: errorBody(failure) })
      }
    }
    return { outcomes, rejected }
  }

  #ofId(index: number, { id, output, value }: Exclude<Outcome, OutcomeOfReceipt>): Read {
    return { index, id, judged: { event: eventOf(id, this.parts.unitSeed), output, value }, scored: null }
  }

  async #ofReceipt(index: number, { receipt, id, output, value }: OutcomeOfReceipt): Promise<Read> {
    const read: VerifiedReceipt = await this.parts.receipts.verify(receipt)
    if (id !== null && id !== read.id)
      throw new Failure('invalid_parameter', `id is ${quote(id)}; the receipt is of ${quote(read.id)}`, 'id')
    const { model, version, answeredAt: at, until, outputs, event } = read
    // A mean that stood in for the model was nobody's forecast.
    if (outputs === null) return { index, id: read.id, judged: null, scored: null }
    const foretold = Object.hasOwn(outputs, output) ? outputs[output] : undefined
    if (foretold === undefined) {
      const message = `output is ${quote(output)}; the receipt holds ${Object.keys(outputs).join(', ') || 'none'}`
      throw new Failure('invalid_parameter', message, 'output')
    }
    const misfit = misfitOf(output, foretold, value)
    if (misfit !== null) throw new Failure('invalid_parameter', misfit, 'value')
    const compared = eventOf(read.id, this.parts.unitSeed)
    return {
      index,
      id: read.id,
      judged:
        foretold.kind === 'distribution' || typeof value === 'string'
          ? null
          : { event: compared, output, value, answered: { model, version, said: foretold.said } },
      scored: { event, model, version, output, foretold, truth: value, at, until },
    }
  }
}
