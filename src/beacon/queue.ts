/** The events that wait: sent in batches, again after failures, and handed on when the page is left. */
import { canHeal, fitting, ROOM_BYTES, retryMilliseconds, sizeOf, surplus } from './bounds.ts'
import { beacon, post } from './request.ts'
import { saveSession } from './session.ts'
import { settings } from './settings.ts'
import { save, takenOver, takeOver } from './stored.ts'
import type { Counts } from './types.ts'

/** So much is sent without waiting longer. */
const BATCH_BYTES = 30_000
/** So much is kept, of the 5 MB or so that all of a site share in localStorage. */
const QUEUE_BYTES = 262_144
const SAVE_MILLISECONDS = 250
const ANSWER_MILLISECONDS = 30_000

/** The oldest first. */
let waiting: string[] = []
let sending: string[] = []
let sent = 0
let dropped = 0

let failures = 0
let retryAt = 0
let timer = 0
let timerAt = 0
let saver = 0
let running: Promise<void> | undefined
/** The page is hidden or left: whoever comes next may take over. */
let isLeft = false

export const counts = (): Counts => ({ queued: sending.length + waiting.length, sent, dropped })

const forgetTaken = (): void => {
  const taken = takenOver()
  waiting = waiting.filter((line) => !taken.includes(line))
}

const store = (): boolean => {
  clearTimeout(saver)
  saver = 0
  saveSession()
  forgetTaken()
  dropped += waiting.splice(0, surplus(waiting, settings.queueEvents, QUEUE_BYTES)).length
  return save([...sending, ...waiting], isLeft)
}

const schedule = (): void => {
  saver ||= setTimeout(store, SAVE_MILLISECONDS)
  const now = Date.now()
  const isFull = waiting.length >= settings.batchEvents || waiting.join().length >= BATCH_BYTES
  const at = failures ? retryAt : now + (isFull ? 0 : settings.batchMilliseconds)
  if (running || !waiting.length || (timer && at >= timerAt)) return
  clearTimeout(timer)
  timerAt = at
  timer = setTimeout(send, at - now)
}

export const add = (line: string): void => {
  // One that fits into no request would stand in the way for ever.
  if (sizeOf(line) > ROOM_BYTES) dropped++
  else if (waiting.push(line) > settings.queueEvents) {
    waiting.shift()
    dropped++
  }
  schedule()
}

/** Sends one batch. What becomes of it is known at the end: accepted, kept to be sent again, or dropped. */
const sendBatch = async (): Promise<void> => {
  const batch = waiting.splice(0, fitting(waiting, ROOM_BYTES))
  sending = batch
  let again = batch
  let retryAfter = 0
  try {
    const response = await post(settings.eventsPath, batch, ANSWER_MILLISECONDS, true)
    retryAfter = +(response.headers.get('retry-after') as string)
    if (response.ok) {
      const { accepted, rejected } = await response.json()
      again = rejected.flatMap((one: { retryable: boolean; index: number }) => (one.retryable ? batch[one.index] : []))
      sent += accepted
      dropped += batch.length - accepted - again.length
    } else if (!canHeal(response.status)) {
      again = []
      dropped += batch.length
    }
  } catch {
    // No answer, or none of the worker's: once more.
  }
  sending = []
  waiting = [...again, ...waiting]
  failures = again.length && failures + 1
  retryAt = Date.now() + retryMilliseconds(failures, retryAfter, Math.random())
  running = undefined
  schedule()
}

const send = (): Promise<void> | undefined => {
  clearTimeout(timer)
  timer = 0
  forgetTaken()
  if (waiting.length) running ??= sendBatch()
  return running
}

export const flush = async (): Promise<void> => {
  while (running || (waiting.length && !(failures && Date.now() < retryAt))) await send()
}

/** The page may never be seen again: what waits goes to the browser, or stays in the storage for the next page. */
export const leave = (): void => {
  isLeft = true
  const isSafe = store()
  if (!navigator.onLine || (failures && isSafe)) return
  let room = ROOM_BYTES - sizeOf(sending.join())
  for (;;) {
    const batch = waiting.slice(0, fitting(waiting, room))
    if (!batch.length || !beacon(batch)) break
    waiting.splice(0, batch.length)
    sent += batch.length
    room -= sizeOf(batch.join())
  }
  store()
}

/** The page is seen, for the first time or again. */
export const enter = (): void => {
  isLeft = false
  forgetTaken()
  waiting.push(...takeOver())
  store()
  schedule()
}

/** There is a network again. */
export const retryNow = (): void => {
  failures = 0
  schedule()
}
