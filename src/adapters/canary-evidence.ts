/** What the statistics objects have seen of a canary, merged over all of them. */
import { type Evidence, type EvidenceSubject, mergeEvidence, sameSubject } from '../core/judgement/evidence.ts'
import { readEvidenceReply } from '../core/statistics/replies.ts'
import type { CanaryEvidence } from '../serving/ports/canary-watch.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the namespace binding. */
export interface EvidenceShards {
  getByName(name: string): { evidence(model: string): Promise<unknown> }
}

export const canaryEvidence = (namespace: EvidenceShards, shards: number, timers: Timers): CanaryEvidence => ({
  async of(subject: EvidenceSubject, deadline) {
    const ask = async (_: unknown, shard: number): Promise<Evidence | null> => {
      const reply = await within(namespace.getByName(`shard-${shard}`).evidence(subject.model), deadline, timers)
      if (reply === TIMED_OUT) throw new Error(`shard-${shard} did not answer in time`)
      return readEvidenceReply(reply).find((evidence) => sameSubject(evidence, subject)) ?? null
    }
    const replies = await Promise.allSettled(Array.from({ length: shards }, ask))
    const answers = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []))
    if (answers.length === 0) {
      const causes = replies.flatMap((reply) => (reply.status === 'rejected' ? [reply.reason] : []))
      throw new AggregateError(causes, `none of the ${shards} statistics shards told what it saw of ${subject.model}`)
    }
    const seen = answers.filter((answer) => answer !== null)
    return { evidence: seen.length === 0 ? null : seen.reduce(mergeEvidence), isWhole: answers.length === shards }
  },
})
