/** Views of the zone table that only tests need: its names, and the instants where its offsets change. */
import { CHANGE_SECONDS, ZONE_LINES } from '../../src/core/time/zone-table.ts'
import { decodeTransitions } from '../../src/core/time/zone-transitions.ts'

const namesOf = (line: string): string[] => line.slice(0, line.indexOf('|')).split(',')

/** Every zone of the table, in its order. */
export const tableZones = (): string[] => ZONE_LINES.flatMap(namesOf)

/** The instants at which the offset of `zone` changes, in milliseconds, and those 1 ms, 1 s and 1 h to either side. */
export const instantsAroundTransitions = (zone: string): number[] => {
  const line = ZONE_LINES.findIndex((candidate) => namesOf(candidate).includes(zone))
  const [, ...transitions] = decodeTransitions(ZONE_LINES, line, CHANGE_SECONDS).startMilliseconds
  const steps = [-3_600_000, -1000, -1, 0, 1, 1000, 3_600_000]
  return transitions.flatMap((instant) => steps.map((step) => instant + step))
}

/** Whole numbers in [0, 2³²), the same in every runtime: the generator of Numerical Recipes, 2nd edition, page 284. */
export const linearCongruential = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
}

/** `count` instants in [`start`, `end`), milliseconds, from `next`. */
export const randomInstants = (next: () => number, start: number, end: number, count: number): number[] =>
  Array.from({ length: count }, () => start + Math.floor((next() / 2 ** 32 + next() / 2 ** 64) * (end - start)))
