/** What a sender's clock was wrong by, and an event's time with that taken out. */

/** How the instant of an event came about. */
export const TIME_METHODS = [
  /** As the event states it. Nothing is known of the clock it was read from. */
  'stated',
  /** As the event states it. When it was sent, that clock agreed with ours as well as the transit lets us tell. */
  'confirmed',
  /** As the event states it, moved by what that clock was wrong by when it was sent. */
  'corrected',
  /** The receipt: the event says `now`, or its own time was not believed. */
  'received',
] as const

export type TimeMethod = (typeof TIME_METHODS)[number]

/** When an event happened, as far as clocks can tell. */
export interface EventInstant {
  readonly epochMilliseconds: number
  readonly method: TimeMethod
  /** How far off it may be, either way; `null`: nothing is known of that. */
  readonly uncertaintyMilliseconds: number | null
}

/** Three readings of two clocks, in epoch milliseconds. */
export interface ClockReadings {
  /** What the sender's clock showed when the event happened. */
  readonly stated: number
  /** What the same clock showed when the event was sent. */
  readonly sentAt: number
  /** What our clock showed when it was received. */
  readonly receivedAt: number
}

/**
 * The instant of an event by the offset = receivedAt − sentAt, which is the error of the sender's clock and the transit together.
 *
 * An offset of at most `thresholdMilliseconds`, either way, is taken for transit: the stated time stands, ± |offset| (were it all error, that
 * much; a clock that is fast by just the transit cannot be told from a right one). A greater one is taken for error:
 * min(stated + offset, receivedAt), ± the threshold, since the transit in it is unknown up to that. A time stated to be after its own sending
 * ends at the receipt, and the uncertainty grows by what was cut off. So nothing is moved into the future.
 *
 * Source: Snowplow, "Timestamps" (derived_tstamp = collector_tstamp − (dvce_sent_tstamp − dvce_created_tstamp)), read 2026-11; there every
 * event is moved, whatever the offset.
 */
export const instantByOffset = (readings: ClockReadings, thresholdMilliseconds: number): EventInstant => {
  const { stated, sentAt, receivedAt } = readings
  const offset = receivedAt - sentAt
  if (Math.abs(offset) <= thresholdMilliseconds) {
    return { epochMilliseconds: stated, method: 'confirmed', uncertaintyMilliseconds: Math.abs(offset) }
  }
  const afterSending = Math.max(0, stated - sentAt)
  return {
    epochMilliseconds: stated + offset - afterSending,
    method: 'corrected',
    uncertaintyMilliseconds: thresholdMilliseconds + afterSending,
  }
}
