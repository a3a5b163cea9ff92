/** Brings outcomes to all statistics objects, and makes one fate of what they answer to each. */
import { bestFate } from '../core/judgement/outcomes.ts'
import { readOutcomesReply } from '../core/statistics/replies.ts'
import type { OutcomeShards } from '../serving/ports/outcome-shards.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding. */
export interface OutcomeObjects {
  getByName(name: string): { outcomes(value: unknown): Promise<unknown> }
}

export const outcomeShards = (namespace: OutcomeObjects, shards: number, timers: Timers): OutcomeShards => ({
  async report(outcomes, deadline) {
    const question = { format: 1, outcomes }
    const answers = await askShards(
      shards,
      async (name) => readOutcomesReply(await namespace.getByName(name).outcomes(question), outcomes.length),
      deadline,
      timers,
    )
    const fates = outcomes.map((_, index) => bestFate(answers.flatMap((answer) => answer[index] ?? [])))
    return { fates, shards: { answered: answers.length, of: shards } }
  },
})
