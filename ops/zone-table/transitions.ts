/** Finds the instants at which a zone's UTC offset changes, by asking Intl day by day and bisecting the days that differ. */

export interface ZoneHistory {
  /** Seconds east of UTC at the start of the searched span. */
  readonly firstOffsetSeconds: number
  readonly transitions: readonly Transition[]
}

export interface Transition {
  readonly epochSeconds: number
  /** Offset after the transition less the offset before it, in seconds; never 0. */
  readonly changeSeconds: number
}

/** One reading a day: two changes within a day that undo each other would be missed; the tz database holds none since 1970. */
const STEP_SECONDS = 86_400

/** Seconds east of UTC that Intl knows for an instant in seconds since 1970-01-01T00:00Z. */
export type OffsetReader = (epochSeconds: number) => number

/** An `OffsetReader` for `zone`. Throws a RangeError if Intl knows no such zone. */
export const intlOffsetReader = (zone: string): OffsetReader => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return (epochSeconds) => {
    // "11/17/2024, 21:53:01"
    const text = format.format(epochSeconds * 1000)
    const part = (start: number, end: number): number => Number(text.slice(start, end))
    const wall = Date.UTC(part(6, 10), part(0, 2) - 1, part(3, 5), part(12, 14), part(15, 17), part(18, 20))
    return wall / 1000 - epochSeconds
  }
}

/** Every change of offset in (`start`, `end`], seconds since 1970-01-01T00:00Z, in order. */
export const zoneHistory = (offsetAt: OffsetReader, start: number, end: number): ZoneHistory => {
  const transitions: Transition[] = []
  const firstOffsetSeconds = offsetAt(start)
  const search = (from: number, fromOffset: number, to: number, toOffset: number): void => {
    if (fromOffset === toOffset) return
    if (to - from === 1) {
      transitions.push({ epochSeconds: to, changeSeconds: toOffset - fromOffset })
      return
    }
    const middle = from + Math.floor((to - from) / 2)
    const middleOffset = offsetAt(middle)
    search(from, fromOffset, middle, middleOffset)
    search(middle, middleOffset, to, toOffset)
  }
  let offset = firstOffsetSeconds
  for (let at = start; at < end; ) {
    const next = Math.min(at + STEP_SECONDS, end)
    const nextOffset = offsetAt(next)
    search(at, offset, next, nextOffset)
    at = next
    offset = nextOffset
  }
  return { firstOffsetSeconds, transitions }
}
