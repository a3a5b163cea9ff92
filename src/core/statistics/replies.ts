/** What a statistics object answers, each answer with the version of its format. */
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import type { StatisticsCounts } from './counts.ts'

/** To a delta. */
export interface DeltaReply {
  readonly format: 1
  /** `false`: it had applied this sequence or a later one of this isolate before. */
  readonly applied: boolean
  /** The current releases, one for each model; none is distributed yet. */
  readonly releases: readonly never[]
}

/** To the question for a window. */
export interface WindowReply {
  readonly format: 1
  readonly counts: StatisticsCounts
}

/** The counts of a shard's answer, which other code than ours may have given during a deploy. Throws a `RangeError` for an unknown format. */
export const readWindowReply = (reply: unknown): StatisticsCounts => {
  const format = isJsonObject(reply) ? reply.format : undefined
  if (format !== 1)
    throw new RangeError(`statistics window: format is ${quote(format)}, expected 1, the one this code knows`)
  return (reply as WindowReply).counts
}
