/** Which notification is sent next and when it is tried again, in order, until it is given up and kept as undelivered. */
import type { AlertTransition } from './advance.ts'

export interface Notification {
  readonly transition: AlertTransition
  /** Epoch milliseconds: when it was written, and from when on it may be tried. */
  readonly writtenAt: number
  readonly dueAt: number
  readonly tries: number
}

export interface Outbox {
  /** Oldest first: only the first is tried, so that what is resolved is never told before it fired. */
  readonly waiting: readonly Notification[]
  /** Given up, oldest first. */
  readonly undelivered: readonly Notification[]
  /** Undelivered ones that there was no more room for. */
  readonly forgotten: number
}

export const EMPTY_OUTBOX: Outbox = { waiting: [], undelivered: [], forgotten: 0 }

export const OUTBOX_LIMITS = {
  waiting: 200,
  undelivered: 100,
  giveUpMilliseconds: 3_600_000,
  firstRetryMilliseconds: 5_000,
  longestRetryMilliseconds: 300_000,
} as const

/** Moves to the undelivered what is too old at `now`, or more than may wait. */
const giveUp = ({ waiting, undelivered, forgotten }: Outbox, now: number): Outbox => {
  const surplus = waiting.length - OUTBOX_LIMITS.waiting
  const isOver = ({ writtenAt, tries }: Notification, index: number): boolean =>
    index < surplus || (tries > 0 && now - writtenAt >= OUTBOX_LIMITS.giveUpMilliseconds)
  const given = [...undelivered, ...waiting.filter(isOver)]
  const over = Math.max(0, given.length - OUTBOX_LIMITS.undelivered)
  return {
    waiting: waiting.filter((one, index) => !isOver(one, index)),
    undelivered: given.slice(over),
    forgotten: forgotten + over,
  }
}

export const writeNotifications = (outbox: Outbox, transitions: readonly AlertTransition[], now: number): Outbox => {
  const written = transitions.map((transition) => ({ transition, writtenAt: now, dueAt: now, tries: 0 }))
  return giveUp({ ...outbox, waiting: [...outbox.waiting, ...written] }, now)
}

/** What to try at `now`; `null`: nothing is due. */
export const dueNotification = ({ waiting: [first] }: Outbox, now: number): Notification | null =>
  first !== undefined && first.dueAt <= now ? first : null

/**
 * After the first notification was tried. A failure waits twice as long as the one before, 5 s to 5 min, of which `dice` in [0, 1) takes
 * off up to a half, so that deployments that share a receiver do not return to it at once.
 */
export const settleNotification = (outbox: Outbox, isDelivered: boolean, now: number, dice: number): Outbox => {
  const [first, ...others] = outbox.waiting
  if (first === undefined) return outbox
  if (isDelivered) return { ...outbox, waiting: others }
  const { firstRetryMilliseconds, longestRetryMilliseconds } = OUTBOX_LIMITS
  const pause = Math.min(firstRetryMilliseconds * 2 ** first.tries, longestRetryMilliseconds) * (1 - dice / 2)
  const tried = { ...first, tries: first.tries + 1, dueAt: now + pause }
  return giveUp({ ...outbox, waiting: [tried, ...others] }, now)
}
