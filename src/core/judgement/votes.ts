/** One vote per unit: when it was cast and what for, in bounded memory, merged in any order and any number of times. */

/** A unit is a whole number in [0, 2^52): `unitOf` makes it. */
export const UNIT_BITS = 52
export const UNIT_LIMIT = 2 ** UNIT_BITS

/**
 * Columns of equal length, by ascending unit. All units below 2^52 / 2^level that voted are here and no other: as more vote than are
 * kept, the level rises, so what is kept is always a uniform sample of 1 in 2^level units.
 */
export interface UnitVotes {
  readonly level: number
  readonly units: readonly number[]
  /** Milliseconds since the canary began. */
  readonly at: readonly number[]
  /** Whole numbers; each kind of vote says what they mean. */
  readonly values: readonly number[]
}

export const NO_VOTES: UnitVotes = { level: 0, units: [], at: [], values: [] }

/** Units below this are kept at `level`. */
export const thresholdOf = (level: number): number => UNIT_LIMIT / 2 ** level

/** A unit's vote. */
interface Vote {
  readonly at: number
  readonly value: number
}

/**
 * Whether `b` stands rather than `a`: the earlier one does. Between two of the same millisecond that came from two isolates the unit's
 * own number decides, so that neither side is favoured.
 */
const replaces = (unit: number, a: Vote, b: Vote): boolean =>
  b.at !== a.at ? b.at < a.at : unit % 2 === 0 ? b.value > a.value : b.value < a.value

/** The lowest level from `level` at which no more than `limit` of the ascending units stay, and how many do. */
const cut = (units: readonly number[], level: number, limit: number): { level: number; kept: number } => {
  for (let higher = level; ; higher++) {
    const threshold = thresholdOf(higher)
    // Ascending: the first that is too great ends them.
    const end = units.findIndex((unit) => unit >= threshold)
    const kept = end < 0 ? units.length : end
    if (kept <= limit || higher === UNIT_BITS) return { level: higher, kept }
  }
}

/**
 * Both in one: every unit once with its earliest vote, a sample of at most `limit`. The same in any order and grouping, and merging again
 * what is already in changes nothing.
 */
export const mergeVotes = (a: UnitVotes, b: UnitVotes, limit: number): UnitVotes => {
  const units: number[] = []
  const at: number[] = []
  const values: number[] = []
  const take = (unit: number, vote: Vote): void => {
    units.push(unit)
    at.push(vote.at)
    values.push(vote.value)
  }
  for (let i = 0, j = 0; i < a.units.length || j < b.units.length; ) {
    const left = a.units[i] ?? UNIT_LIMIT
    const right = b.units[j] ?? UNIT_LIMIT
    const ofA = { at: a.at[i] ?? 0, value: a.values[i] ?? 0 }
    const ofB = { at: b.at[j] ?? 0, value: b.values[j] ?? 0 }
    if (left <= right) i++
    if (right <= left) j++
    if (left === right) take(left, replaces(left, ofA, ofB) ? ofB : ofA)
    else if (left < right) take(left, ofA)
    else take(right, ofB)
  }
  const { level, kept } = cut(units, Math.max(a.level, b.level), limit)
  return { level, units: units.slice(0, kept), at: at.slice(0, kept), values: values.slice(0, kept) }
}

/** The votes while they grow: at most `limit`, of each unit the first. */
export class VotesRecorder {
  readonly #votes = new Map<number, Vote>()
  readonly #limit: number
  #level = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get isEmpty(): boolean {
    return this.#votes.size === 0
  }

  /** Of two votes of one unit at the same millisecond the one recorded first stands. Throws a `RangeError` for what is no unit. */
  record(unit: number, at: number, value: number): void {
    if (!(Number.isInteger(unit) && unit >= 0 && unit < UNIT_LIMIT))
      throw new RangeError(`unit is ${unit}, expected a whole number from 0 below 2^${UNIT_BITS}`)
    if (unit >= thresholdOf(this.#level)) return
    const present = this.#votes.get(unit)
    if (present !== undefined && present.at <= at) return
    // Rounding gives -0, which JSON does not keep.
    this.#votes.set(unit, { at, value: value + 0 })
    while (this.#votes.size > this.#limit && this.#level < UNIT_BITS) {
      const threshold = thresholdOf(++this.#level)
      for (const kept of this.#votes.keys()) if (kept >= threshold) this.#votes.delete(kept)
    }
  }

  toVotes(): UnitVotes {
    const votes = [...this.#votes].sort(([a], [b]) => a - b)
    return {
      level: this.#level,
      units: votes.map(([unit]) => unit),
      at: votes.map(([, vote]) => vote.at),
      values: votes.map(([, vote]) => vote.value),
    }
  }
}
