/** Packs zone histories into the lines that src/core/time/zone-transitions.ts unpacks. */
import type { Transition, ZoneHistory } from './transitions.ts'

export interface EncodedTable {
  /** `zone names|first offset in seconds|tokens`, or with `|lender|count` after it where the tail stands in an earlier line. */
  readonly lines: readonly string[]
  /** What the letters A, B, C … stand for, most frequent first, in seconds. */
  readonly changeSeconds: readonly number[]
}

const SECONDS_PER_HALF_HOUR = 1800
/** A shorter borrowed tail would save little more than the reference costs. */
const SHORTEST_BORROWED_TAIL = 4
const LETTERS = 26

const changesByFrequency = (histories: readonly ZoneHistory[]): number[] => {
  const counts = new Map<number, number>()
  for (const { changeSeconds } of histories.flatMap((history) => history.transitions)) {
    counts.set(changeSeconds, (counts.get(changeSeconds) ?? 0) + 1)
  }
  if (counts.size > LETTERS)
    throw new Error(`Expected at most ${LETTERS} different changes of offset, found ${counts.size}.`)
  return [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b).map(([change]) => change)
}

const encodeTokens = (transitions: readonly Transition[], changes: readonly number[]): string[] => {
  let previous = 0
  return transitions.map(({ epochSeconds, changeSeconds }) => {
    const delta = epochSeconds - previous
    previous = epochSeconds
    const time =
      delta % SECONDS_PER_HALF_HOUR === 0 ? (delta / SECONDS_PER_HALF_HOUR).toString(36) : `.${delta.toString(36)}`
    return time + String.fromCharCode(65 + changes.indexOf(changeSeconds))
  })
}

const commonTail = (a: readonly string[], b: readonly string[]): number => {
  let count = 0
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count++
  return count
}

/** Zones with the same history share a line; lines are ordered by their first zone. */
export const encodeTable = (histories: ReadonlyMap<string, ZoneHistory>): EncodedTable => {
  const changeSeconds = changesByFrequency([...histories.values()])
  const groups = new Map<string, { zones: string[]; firstOffsetSeconds: number; tokens: string[] }>()
  for (const [zone, { firstOffsetSeconds, transitions }] of [...histories].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const tokens = encodeTokens(transitions, changeSeconds)
    const key = `${firstOffsetSeconds}|${tokens.join('')}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { zones: [zone], firstOffsetSeconds, tokens })
    else group.zones.push(zone)
  }

  const written: string[][] = []
  const lines = [...groups.values()].map(({ zones, firstOffsetSeconds, tokens }) => {
    let lender = -1
    let borrowed = SHORTEST_BORROWED_TAIL - 1
    for (const [line, others] of written.entries()) {
      const count = commonTail(tokens, others)
      if (count > borrowed) [lender, borrowed] = [line, count]
    }
    written.push(tokens)
    const head = `${zones.join(',')}|${firstOffsetSeconds}|`
    return lender < 0 ? head + tokens.join('') : `${head}${tokens.slice(0, -borrowed).join('')}|${lender}|${borrowed}`
  })
  return { lines, changeSeconds }
}
