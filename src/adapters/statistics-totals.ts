/** The totals of the statistics objects, merged over all of them. */
import type { Clock } from '../core/clock.ts'
import { readTotalsReply, type TotalsReply } from '../core/statistics/replies.ts'
import { addTotals, emptyTotals } from '../core/statistics/totals.ts'
import type { TotalsReader } from '../serving/ports/statistics-totals.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface TotalsShards {
  /** An object of older code lacks the method, and then rejects. */
  getByName(name: string): { totals(now: number): Promise<unknown> }
}

export const statisticsTotals = (
  namespace: TotalsShards,
  shards: number,
  clock: Clock,
  timers: Timers,
  log: (line: string) => void,
): TotalsReader => ({
  async read(deadline) {
    const now = clock.epochMilliseconds()
    const ask = async (name: string) => readTotalsReply(await namespace.getByName(name).totals(now))
    const replies = await askShards(shards, ask, deadline, timers).catch((error: unknown) => {
      log(`the totals cannot be read: ${String(error)}`)
      return [] as readonly Omit<TotalsReply, 'format'>[]
    })
    const names = replies.flatMap(({ code_versions }) => Object.keys(code_versions))
    return {
      totals: replies.length < shards ? null : replies.map(({ totals }) => totals).reduce(addTotals, emptyTotals()),
      codeVersions: [...new Set(names)].sort(),
      shards: { answered: replies.length, of: shards },
    }
  },
})
