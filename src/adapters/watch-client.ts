/** The watch behind its namespace binding. */
import type { Deadline } from '../core/clock.ts'
import type { CanaryWatch, Judgement } from '../serving/ports/canary-watch.ts'
import { WATCH_NAME, type WatchReader } from '../serving/ports/watch-duties.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the namespace binding. */
export interface Watches {
  getByName(name: string): { judgement(model: string): Promise<unknown>; note(name: string): Promise<unknown> }
}

export const watchClient = (namespace: Watches, timers: Timers): CanaryWatch & WatchReader => {
  const ask = async <T>(call: Promise<unknown>, deadline: Deadline): Promise<T> => {
    const reply = await within(call, deadline, timers)
    if (reply === TIMED_OUT) throw new Error('the watch did not answer in time')
    const { format } = reply as { readonly format?: unknown }
    if (format !== 1) throw new Error(`the watch answered in format ${String(format)}, this code knows 1`)
    return reply as T
  }
  const watch = () => namespace.getByName(WATCH_NAME)
  return {
    judgement: async (model, deadline) =>
      (await ask<{ readonly judgement: Judgement | null }>(watch().judgement(model), deadline)).judgement,
    note: async (name, deadline) => {
      const { note } = await ask<{ readonly note: string | null }>(watch().note(name), deadline)
      return note === null ? null : (JSON.parse(note) as unknown)
    },
  }
}
