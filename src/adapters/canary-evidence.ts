/** What the statistics objects have seen of a canary, merged over all of them. */
import { mergeEvidence, sameSubject } from '../core/judgement/evidence.ts'
import { readEvidenceReply } from '../core/statistics/replies.ts'
import type { CanaryEvidence } from '../serving/ports/canary-watch.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding. */
export interface EvidenceShards {
  getByName(name: string): { evidence(model: string): Promise<unknown> }
}

export const canaryEvidence = (namespace: EvidenceShards, shards: number, timers: Timers): CanaryEvidence => ({
  async of(subject, deadline) {
    const answers = await askShards(
      shards,
      async (name) => readEvidenceReply(await namespace.getByName(name).evidence(subject.model)),
      deadline,
      timers,
    )
    const seen = answers.flat().filter((evidence) => sameSubject(evidence, subject))
    return { evidence: seen.length === 0 ? null : seen.reduce(mergeEvidence), isWhole: answers.length === shards }
  },
})
