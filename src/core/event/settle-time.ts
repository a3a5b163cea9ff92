/** The instant an event is taken to have happened at: its stated time, the sender's clock and the rule for far times together. */
import { Failure, quote } from '../failure.ts'
import { type JsonValue, valueAt } from '../json.ts'
import type { WarningCode } from '../warning.ts'
import { type EventInstant, instantByOffset } from './clock-offset.ts'
import { inRange } from './epoch-number.ts'
import { readInstant, type TimeRules } from './event-time.ts'
import type { ClickEvent, EventRules } from './read-event.ts'

export interface ClockRules {
  /** Up to this the difference of receipt and `sent_at` is transit; beyond it the sender's clock is wrong. */
  readonly offsetMilliseconds: number
  /** Age and lead beyond which an event is far. */
  readonly farPastMilliseconds: number
  readonly farFutureMilliseconds: number
  /** What becomes of far events: flagged, refused, or taken to happen when they are received. */
  readonly far: 'flag' | 'refuse' | 'received'
}

/** How an event is read of which it is known when it was received. */
export interface ReceiptRules extends EventRules {
  readonly clock: ClockRules
}

/** An event's instant, and what is odd about it. */
export interface SettledTime extends EventInstant {
  readonly warnings: readonly WarningCode[]
}

const NOTHING: readonly WarningCode[] = []

/** What the sender's clock showed at sending, epoch milliseconds; `undefined` where that cannot be read. Never throws a Failure. */
const readSentAt = (value: JsonValue, rules: TimeRules): number | undefined => {
  try {
    return readInstant(value, rules, 'sent_at')
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    return undefined
  }
}

const farWarning = (leadMilliseconds: number, rules: ClockRules): WarningCode | undefined => {
  if (leadMilliseconds < -rules.farPastMilliseconds) return 'time_far_past'
  return leadMilliseconds > rules.farFutureMilliseconds ? 'time_far_future' : undefined
}

/** The stated time and what it was taken for, as messages print them. */
const shown = ({ record, timeKeys }: ClickEvent, { epochMilliseconds, method }: EventInstant): string => {
  const at = new Date(epochMilliseconds).toISOString()
  const taken = method === 'corrected' ? `corrected by its sent_at to ${at}` : `which is ${at}`
  return `${quote(valueAt(record, timeKeys))}, ${taken},`
}

const refusal = (event: ClickEvent, instant: EventInstant, receivedAt: number, rules: ClockRules): Failure => {
  const { timePlace } = event
  const lead = instant.epochMilliseconds - receivedAt
  const [variable, limit, side] =
    lead < 0
      ? ['FAR_PAST_SECONDS', rules.farPastMilliseconds, 'before']
      : ['FAR_FUTURE_SECONDS', rules.farFutureMilliseconds, 'after']
  const seconds = Math.floor(Math.abs(lead) / 1000)
  return new Failure(
    'time_out_of_range',
    `${timePlace} ${shown(event, instant)} lies ${seconds} s ${side} its receipt; ${limit / 1000} are allowed (${variable})`,
    timePlace,
  )
}

/**
 * When `event`, received at `receivedAt` (whole epoch milliseconds), happened. `sentAt` is what stood for it in the body around it; its own
 * `sent_at` goes before that. One that cannot be read is flagged (`sent_at_unreadable`) and otherwise as if it were not there.
 * Throws a Failure `time_out_of_range` for far events where the rules refuse them, and for what is corrected to before 1900: what is archived of
 * an event can be read again.
 */
export const settleTime = (
  event: ClickEvent,
  sentAt: JsonValue | undefined,
  receivedAt: number,
  rules: ReceiptRules,
): SettledTime => {
  const { clock } = rules
  if (!event.hasOwnTime) {
    return { epochMilliseconds: receivedAt, method: 'received', uncertaintyMilliseconds: 0, warnings: NOTHING }
  }
  const stated = event.epochMilliseconds
  const said = event.sentAt ?? sentAt
  const read = said === undefined ? undefined : readSentAt(said, rules)
  const instant: EventInstant =
    read === undefined
      ? { epochMilliseconds: stated, method: 'stated', uncertaintyMilliseconds: null }
      : instantByOffset({ stated, sentAt: read, receivedAt }, clock.offsetMilliseconds)

  const unreadable: readonly WarningCode[] = said !== undefined && read === undefined ? ['sent_at_unreadable'] : NOTHING
  const far = farWarning(instant.epochMilliseconds - receivedAt, clock)
  if (far !== undefined && clock.far === 'refuse') throw refusal(event, instant, receivedAt, clock)
  if (far !== undefined && clock.far === 'received') {
    const warnings = [...unreadable, far]
    return { epochMilliseconds: receivedAt, method: 'received', uncertaintyMilliseconds: null, warnings }
  }
  if (far === undefined && instant.method !== 'corrected') return { ...instant, warnings: unreadable }
  if (instant.method === 'corrected') inRange(instant.epochMilliseconds, event.timePlace, shown(event, instant))
  const corrected: readonly WarningCode[] = instant.method === 'corrected' ? ['clock_corrected'] : NOTHING
  return { ...instant, warnings: [...unreadable, ...corrected, ...(far === undefined ? NOTHING : [far])] }
}
