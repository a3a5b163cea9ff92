/** Which stored stretches of time answer a window, and when finer ones are gathered into coarser ones and forgotten. */
import { quote } from '../failure.ts'
import { STATISTICS_WINDOWS, type StatisticsWindow, WINDOW_MILLISECONDS } from './report.ts'

/** Spans, in milliseconds. Counts arrive in minutes; hours are gathered from minutes, days from hours. */
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
export type Span = typeof MINUTE | typeof HOUR | typeof DAY

/** How long each span is kept. Minutes an hour longer than the 24 h window reaches, since that may begin inside an hour. */
export const KEPT_MILLISECONDS: { readonly [span in Span]: number } = {
  [MINUTE]: 25 * HOUR,
  [HOUR]: 31 * DAY,
  [DAY]: 731 * DAY,
}

/** How late a delta may come and still be counted in its own minute: longer than an isolate goes on trying. */
export const LATENESS_MILLISECONDS = 15 * MINUTE

/** Until when minutes have been gathered into hours, and hours into days; epoch milliseconds. */
export interface Gathered {
  readonly hours: number
  readonly days: number
}

export interface Stretch {
  readonly span: Span
  /** First start and the start after the last, epoch milliseconds. */
  readonly from: number
  readonly to: number
}

export const floorTo = (time: number, span: number): number => Math.floor(time / span) * span

/**
 * The minute in which a delta is counted: that of its last observation by the isolate's clock, unless that clock is ahead of ours or the
 * delta too late; then the present one. Never a minute that has been gathered already.
 */
export const minuteOf = (observedAt: number, now: number, gathered: Gathered): number => {
  const trusted = observedAt <= now && observedAt >= now - LATENESS_MILLISECONDS
  return Math.max(floorTo(trusted ? observedAt : now, MINUTE), gathered.hours)
}

/** What may be gathered at `now`: hours and days in which no delta can arrive any more. */
export const gatherable = (now: number): Gathered => {
  const hours = floorTo(now - LATENESS_MILLISECONDS, HOUR)
  return { hours, days: floorTo(hours, DAY) }
}

/**
 * The starts of the stored stretches in which what belongs to `at` is looked for: its minute, and what that was gathered into already. For what
 * comes later than deltas may.
 */
export const stretchesHolding = (at: number, now: number, gathered: Gathered): Stretch[] => {
  const stretch = (span: Span): Stretch => ({ span, from: floorTo(at, span), to: floorTo(at, span) + span })
  const isKept = (span: Span): boolean => floorTo(at, span) >= now - KEPT_MILLISECONDS[span]
  return [
    ...(isKept(MINUTE) || at >= gathered.hours ? [stretch(MINUTE)] : []),
    ...(at < gathered.hours && (isKept(HOUR) || at >= gathered.days) ? [stretch(HOUR)] : []),
    ...(at < gathered.days ? [stretch(DAY)] : []),
  ]
}

/** The next moment there is something to gather or to forget. */
export const nextRollup = (now: number): number => gatherable(now).hours + HOUR + LATENESS_MILLISECONDS

/** The stretch a window means at `now`, epoch milliseconds: from a whole minute (of a 7-day window a whole hour) to the end of this minute. Throws a `RangeError` for a window it does not know. */
export const windowStretch = (window: StatisticsWindow, now: number): { from: number; to: number } => {
  if (!Object.hasOwn(WINDOW_MILLISECONDS, window))
    throw new RangeError(`window is ${quote(window)}, expected one of ${STATISTICS_WINDOWS.join(', ')}`)
  return {
    from: floorTo(now - WINDOW_MILLISECONDS[window], window === '7d' ? HOUR : MINUTE),
    to: floorTo(now, MINUTE) + MINUTE,
  }
}

/** The fewest stored stretches that together are exactly [from, to), in order. `from` and `to` are whole minutes. */
export const cover = (from: number, to: number, gathered: Gathered): Stretch[] => {
  const split = (start: number, end: number, spans: readonly { span: Span; until: number }[]): Stretch[] => {
    if (start >= end) return []
    const [coarsest, ...finer] = spans
    if (coarsest === undefined) return [{ span: MINUTE, from: start, to: end }]
    const { span, until } = coarsest
    const first = floorTo(start + span - 1, span)
    const last = Math.min(floorTo(end, span), until)
    if (first >= last) return split(start, end, finer)
    return [...split(start, first, finer), { span, from: first, to: last }, ...split(last, end, finer)]
  }
  return split(from, to, [
    { span: DAY, until: gathered.days },
    { span: HOUR, until: gathered.hours },
  ])
}
