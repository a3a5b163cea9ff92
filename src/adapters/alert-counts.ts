/** The counts of all statistics objects that alerts are judged by. */
import { mergeAlertCounts } from '../core/alerts/alert-counts.ts'
import { type AlertWindows, readAlertCountsReply } from '../core/alerts/alert-windows.ts'
import { ALERT_WINDOWS } from '../core/alerts/rules.ts'
import { Failure } from '../core/failure.ts'
import type { AlertCountsReader } from '../serving/ports/alert-parts.ts'
import type { Timers } from '../serving/ports.ts'
import { askShards } from './ask-shards.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface AlertAggregators {
  /** An object of older code lacks the method, and then rejects. */
  getByName(name: string): { alertCounts(now: number): Promise<unknown> }
}

const mergeWindows = (a: AlertWindows, b: AlertWindows): AlertWindows =>
  Object.fromEntries(
    ALERT_WINDOWS.map((window) => [window, mergeAlertCounts(a[window], b[window])]),
  ) as unknown as AlertWindows

export const alertCountsReader = (namespace: AlertAggregators, shards: number, timers: Timers): AlertCountsReader => ({
  async read(now, deadline) {
    const ask = async (name: string) => readAlertCountsReply(await namespace.getByName(name).alertCounts(now))
    const replies = await askShards(shards, ask, deadline, timers).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'statistics_unavailable') return []
      throw error
    })
    const [first, ...others] = replies.map(({ windows }) => windows)
    return {
      windows: first === undefined || replies.length < shards ? null : others.reduce(mergeWindows, first),
      shards: { asked: shards, answered: replies.length },
      models: [...new Set(replies.flatMap(({ models }) => models))].sort(),
    }
  },
})
