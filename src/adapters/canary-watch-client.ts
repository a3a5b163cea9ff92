/** The watch behind its namespace binding. */
import type { CanaryWatch, Judgement } from '../serving/ports/canary-watch.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { WATCH_NAME } from './release-targets.ts'

/** What this needs of the namespace binding. */
export interface Watches {
  getByName(name: string): { judgement(model: string): Promise<unknown> }
}

export const canaryWatchClient = (namespace: Watches, timers: Timers): CanaryWatch => ({
  async judgement(model, deadline) {
    const reply = await within(namespace.getByName(WATCH_NAME).judgement(model), deadline, timers)
    if (reply === TIMED_OUT) throw new Error('the watch did not answer in time')
    const { format, judgement } = reply as { readonly format?: unknown; readonly judgement: Judgement | null }
    if (format !== 1) throw new Error(`the watch answered in format ${String(format)}, this code knows 1`)
    return judgement
  },
})
