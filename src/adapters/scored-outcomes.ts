/** Brings outcomes that came with receipts to the statistics object of their event, where each is counted once. */
import { readScoredReply, type ScoredFate } from '../core/accuracy/scored.ts'
import type { ScoredOutcomes } from '../serving/ports/scored-outcomes.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { shardName } from './ask-shards.ts'

/** What this needs of the namespace binding. */
export interface ScoringObjects {
  getByName(name: string): { score(value: unknown): Promise<unknown> }
}

export const scoredOutcomes = (
  namespace: ScoringObjects,
  shards: number,
  timers: Timers,
  log: (line: string) => void,
): ScoredOutcomes => ({
  async score(outcomes, deadline) {
    const byShard = new Map<number, number[]>()
    outcomes.forEach(({ event }, at) => {
      byShard.set(event % shards, [...(byShard.get(event % shards) ?? []), at])
    })
    const fates = new Array<ScoredFate | null>(outcomes.length).fill(null)
    const scoreOne = async (shard: number, places: readonly number[]): Promise<void> => {
      const name = shardName(shard)
      const question = { format: 1, scored: places.map((at) => outcomes[at]) }
      const reply = await within(namespace.getByName(name).score(question), deadline, timers)
      if (reply === TIMED_OUT) throw new Error(`statistics ${name} did not answer in time`)
      for (const [index, fate] of readScoredReply(reply, places.length).entries()) fates[places[index] as number] = fate
    }
    const asked = [...byShard].map(([shard, places]) => scoreOne(shard, places))
    for (const result of await Promise.allSettled(asked)) {
      if (result.status === 'rejected') log(`outcomes were not counted: ${String(result.reason)}`)
    }
    return fates
  },
})
