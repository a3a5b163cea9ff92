/** A part of the page that is asked for by itself: it says when there is no such thing, and when there was no answer. */
import { type Answer, ask } from './ask.ts'
import { byId, say } from './elements.ts'
import { type Outcome, Poller, type PollTimers } from './poll.ts'
import { timeWords } from './words.ts'

export interface SectionSettings<T> {
  /** Of the element that tells how the section is; what it shows is its own. */
  readonly note: string
  readonly path: () => string
  readonly everyMilliseconds: () => number
  /** What to say when this deployment has no such thing. */
  readonly absent: string
  readonly show: (value: T) => void
  readonly token: () => string | null
  readonly onRefused: () => void
  readonly timers: PollTimers
}

/** What is not there comes with a deployment, if ever. */
const ABSENT_MILLISECONDS = 300_000

export const section = <T>(settings: SectionSettings<T>): Poller => {
  const note = byId(settings.note)
  let since: number | null = null
  const take = (answer: Answer<T>): Outcome => {
    switch (answer.kind) {
      case 'told':
        since = Date.now()
        settings.show(answer.value)
        say(note, '')
        return { isGood: true, againMilliseconds: 0 }
      case 'absent':
        say(note, settings.absent)
        return { isGood: true, againMilliseconds: ABSENT_MILLISECONDS }
      case 'refused':
        settings.onRefused()
        return { isGood: false, againMilliseconds: 0 }
      case 'failed':
        say(
          note,
          since === null ? `No answer: ${answer.message}.` : `No answer since ${timeWords(since)}: ${answer.message}.`,
        )
        return { isGood: false, againMilliseconds: answer.afterMilliseconds }
    }
  }
  const question = async (signal: AbortSignal): Promise<Outcome> => {
    const answer = await ask<T>(settings.path(), settings.token(), signal)
    return signal.aborted ? { isGood: true, againMilliseconds: 0 } : take(answer)
  }
  return new Poller(question, settings.everyMilliseconds, settings.timers)
}
