/** The `Server-Timing` header: the stages of one answer, without a duration where none is known. */
import type { Duration } from '../core/clock.ts'

export interface Stage {
  readonly name: string
  readonly duration: Duration
}

/** For example `parse;dur=0.1, zip;dur=3.2, infer`. Durations in milliseconds (https://www.w3.org/TR/server-timing/). */
export const serverTiming = (stages: readonly Stage[]): string => {
  let header = ''
  for (const { name, duration } of stages) {
    if (header !== '') header += ', '
    header += duration.known ? `${name};dur=${Math.round(duration.milliseconds * 1000) / 1000}` : name
  }
  return header
}
