/** The dead letters behind their namespace binding, one object. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetters,
  DeadLetterTotals,
  KeptAs,
  LetterCount,
  LetterEvents,
  ListedLetter,
  NewDeadLetter,
} from '../serving/ports/dead-letters.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** The name of the one object. */
export const DEAD_LETTERS_NAME = 'dead-letters'

/** What this needs of the namespace binding; the object's class stays in its own room. */
export interface DeadLetterObjects {
  getByName(name: string): {
    keep(letters: readonly NewDeadLetter[], arePromised: boolean): Promise<unknown>
    count(counts: readonly LetterCount[]): Promise<unknown>
    list(filter: DeadLetterFilter, limit: number, cursor: string | null): Promise<unknown>
    totals(): Promise<unknown>
    look(ids: readonly string[]): Promise<unknown>
    get(ids: readonly string[]): Promise<unknown>
    begin(letters: readonly LetterEvents[]): Promise<unknown>
    move(ids: readonly string[], state: 'replaying' | 'replayed'): Promise<unknown>
    discard(ids: readonly string[], reason: string): Promise<unknown>
  }
}

const unavailable = (what: string, cause?: unknown): Failure =>
  new Failure('dead_letters_unavailable', `the dead letters ${what}`, undefined, { cause })

export const deadLettersClient = (namespace: DeadLetterObjects, timers: Timers): DeadLetters => {
  type Letters = ReturnType<DeadLetterObjects['getByName']>

  /** A reply of format 1. A format that this code still accepts is a case of its own here. */
  const ask = async <T>(deadline: Deadline, call: (object: Letters) => Promise<unknown>): Promise<T> => {
    // As a callback, so that what the binding throws at once is a failure like any other.
    const called = Promise.resolve().then(() => call(namespace.getByName(DEAD_LETTERS_NAME)))
    const reply = await within(called, deadline, timers).catch((cause: unknown) => {
      throw unavailable(`cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
    })
    if (reply === TIMED_OUT) throw unavailable('did not answer in time')
    const format = typeof reply === 'object' && reply !== null && 'format' in reply ? reply.format : undefined
    if (format !== 1) throw unavailable(`answered in format ${String(format)}, this code knows 1`)
    return reply as T
  }

  return {
    async keep(letters, deadline, arePromised = false) {
      const { kept } = await ask<{ kept: readonly KeptAs[] }>(deadline, (object) => object.keep(letters, arePromised))
      return kept
    },
    async count(counts, deadline) {
      await ask(deadline, (object) => object.count(counts))
    },
    async list(filter, { limit, cursor }, deadline) {
      const page = await ask<DeadLetterPage>(deadline, (object) => object.list(filter, limit, cursor))
      return { letters: page.letters, cursor: page.cursor }
    },
    async totals(deadline) {
      return (await ask<{ totals: DeadLetterTotals }>(deadline, (object) => object.totals())).totals
    },
    async look(ids, deadline) {
      return (await ask<{ letters: readonly ListedLetter[] }>(deadline, (object) => object.look(ids))).letters
    },
    async get(ids, deadline) {
      return (await ask<{ letters: readonly DeadLetter[] }>(deadline, (object) => object.get(ids))).letters
    },
    async begin(letters, deadline) {
      type Begun = { events: readonly (readonly string[] | null)[] }
      return (await ask<Begun>(deadline, (object) => object.begin(letters))).events
    },
    async move(ids, state, deadline) {
      await ask(deadline, (object) => object.move(ids, state))
    },
    async discard(ids, reason, deadline) {
      type Discarded = { discarded: readonly string[] }
      return (await ask<Discarded>(deadline, (object) => object.discard(ids, reason))).discarded
    },
  }
}
