/** What the page says of itself: whether what it shows is live. */
import { byId, say } from './elements.ts'
import { timeWords } from './words.ts'

export type Liveness =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live'; readonly shards: { readonly answered: number; readonly of: number } }
  /** `since`: the last answer, epoch milliseconds; `null`: there was none. */
  | { readonly kind: 'silent'; readonly since: number | null; readonly why: string }
  | { readonly kind: 'paused' }
  | { readonly kind: 'locked' }

const wordsOf = (liveness: Liveness): string => {
  switch (liveness.kind) {
    case 'waiting':
      return 'Asking for the first time.'
    case 'live':
      return liveness.shards.answered < liveness.shards.of
        ? `Live, but only ${liveness.shards.answered} of ${liveness.shards.of} statistics shards answer, so sums are not known.`
        : 'Live.'
    case 'silent':
      return liveness.since === null
        ? `No answer yet: ${liveness.why}. It is asked again.`
        : `No answer since ${timeWords(liveness.since)}: ${liveness.why}. What is shown is from then. It is asked again.`
    case 'paused':
      return 'Paused while nobody looks.'
    case 'locked':
      return 'A token is needed.'
  }
}

/** A screen reader is told when the words change, so not at each answer. */
export const showLiveness = (liveness: Liveness): void => {
  document.body.dataset.liveness = liveness.kind
  say(byId('liveness'), wordsOf(liveness))
}

/** When the counts were asked for, epoch milliseconds. */
export const showAsOf = (asOf: number): void => {
  const time = byId<HTMLTimeElement>('as-of')
  time.dateTime = new Date(asOf).toISOString()
  say(time, timeWords(asOf))
}
