/** One question to every statistics object, since none knows what the others have. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** There are as many as STATS_SHARDS says, numbered from 0. */
export const shardName = (shard: number): string => `shard-${shard}`

/** What those answered that did so in time. Throws `statistics_unavailable` when none did. */
export const askShards = async <T>(
  shards: number,
  ask: (name: string) => Promise<T>,
  deadline: Deadline,
  timers: Timers,
): Promise<readonly T[]> => {
  const askOne = async (_: unknown, shard: number): Promise<T> => {
    const name = shardName(shard)
    const answer = await within(ask(name), deadline, timers)
    if (answer === TIMED_OUT) throw new Error(`statistics ${name} did not answer in time`)
    return answer
  }
  const replies = await Promise.allSettled(Array.from({ length: shards }, askOne))
  const answers = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []))
  if (answers.length > 0) return answers
  const causes = replies.flatMap((reply) => (reply.status === 'rejected' ? [reply.reason] : []))
  const message = `none of the ${shards} statistics shards answered`
  throw new Failure('statistics_unavailable', message, undefined, { cause: new AggregateError(causes, message) })
}
