/** What the statistics objects counted of a version, hour by hour. */
import { readHoursReply } from '../core/drift/hours-reply.ts'
import type { HourCounts } from '../core/drift/window-counts.ts'
import type { HourReader } from '../serving/ports/drift-parts.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface HourAggregators {
  /** An object of older code lacks the method, and then rejects. */
  getByName(name: string): { hours(model: string, version: string, from: number, until: number): Promise<unknown> }
}

export const versionHours = (namespace: HourAggregators, shards: number, timers: Timers): HourReader => ({
  async read(model, version, from, until, deadline) {
    const ask = async (name: string): Promise<readonly HourCounts[]> =>
      readHoursReply(await namespace.getByName(name).hours(model, version, from, until))
    const replies = await askShards(shards, ask, deadline, timers)
    if (replies.length < shards)
      throw new Error(`${replies.length} of ${shards} statistics shards told their hours of ${model}@${version}`)
    return replies.flat()
  },
})
