/** What the client of the soak was promised of each event, and whether archive and dead letters keep it. */

/**
 * `unsure`: refused in a way that may have stored it all the same. `dropped`: told that it is only counted, or asked not to be followed, so
 * it is nowhere. A letter is that of an event that was rejected.
 */
export type Promised = 'accepted' | 'letter' | 'dropped' | 'unsure'

const CODES = { accepted: 1, letter: 2, dropped: 3, unsure: 4 } as const
const NAMES: readonly (Promised | undefined)[] = [undefined, 'accepted', 'letter', 'dropped', 'unsure']

const FIRST_LENGTH = 65_536

/** One byte a key, 0, 1, 2, …, so that millions of events fit. */
export class Ledger {
  #codes: Uint8Array

  constructor(codes: Uint8Array = new Uint8Array(FIRST_LENGTH)) {
    this.#codes = codes
  }

  /** What was promised last counts, but for an event that was accepted before: that stays promised. */
  note(key: number, promised: Promised): void {
    if (key >= this.#codes.length) {
      const longer = new Uint8Array(Math.max(key + 1, this.#codes.length * 2))
      longer.set(this.#codes)
      this.#codes = longer
    }
    if (this.#codes[key] !== CODES.accepted) this.#codes[key] = CODES[promised]
  }

  of(key: number): Promised | undefined {
    return NAMES[this.#codes[key] ?? 0]
  }

  /** The keys that something was promised of. */
  *keys(): Iterable<number> {
    for (const [key, code] of this.#codes.entries()) if (code !== 0) yield key
  }

  /** To be sent to another process. */
  get codes(): Uint8Array {
    return this.#codes
  }
}

/** A letter that was promised: its key, or `null` where no event could be read. */
export type PromisedLetters = ReadonlyMap<string, number | null>

export interface FoundLetter {
  readonly id: string
  readonly state: string
  /** Of an event that was accepted and given up later; `null`: not looked at, since this letter was promised. */
  readonly key: number | null
}

export interface Found {
  /** How often each key is in the archive. */
  readonly archived: ReadonlyMap<number, number>
  readonly letters: readonly FoundLetter[]
}

export interface Account {
  readonly accepted: number
  /** Of the accepted ones. */
  readonly archived: number
  readonly givenUp: number
  /** In neither. */
  readonly missing: number
  /** In the archive more than once, or there and among the letters. */
  readonly doubles: number
  readonly letters: number
  readonly lettersFound: number
  /** Letters whose replay is over. */
  readonly replayed: number
  /** Archived although nothing of the kind was promised. */
  readonly unpromised: number
  /** The first few that are wrong, in words. */
  readonly faults: readonly string[]
}

const FAULTS_KEPT = 10

/** Holds what was found against what was promised. */
export const settle = (ledger: Ledger, letters: PromisedLetters, found: Found): Account => {
  const faults: string[] = []
  const fault = (what: string): void => {
    if (faults.length < FAULTS_KEPT) faults.push(what)
  }
  const states = new Map(found.letters.map(({ id, state }) => [id, state]))
  const givenUp = new Set(found.letters.flatMap(({ id, key }) => (letters.has(id) || key === null ? [] : [key])))
  const replayed = new Set<number>()
  let lettersFound = 0
  for (const [id, key] of letters) {
    const state = states.get(id)
    if (state === undefined) fault(`letter ${id} is not there`)
    else lettersFound++
    if (state === 'replaying') fault(`letter ${id} is still being replayed`)
    if (state === 'replayed' && key !== null) replayed.add(key)
  }
  const count = { accepted: 0, archived: 0, givenUp: 0, missing: 0, doubles: 0, unpromised: 0 }
  for (const key of ledger.keys()) {
    const times = found.archived.get(key) ?? 0
    const promised = ledger.of(key)
    const isGivenUp = givenUp.has(key)
    if (promised === 'accepted') {
      count.accepted++
      if (isGivenUp) count.givenUp++
      else if (times > 0) count.archived++
      else {
        count.missing++
        fault(`event ${key} was accepted and is nowhere`)
      }
      if (times + (isGivenUp ? 1 : 0) > 1) {
        count.doubles++
        fault(`event ${key} is in the archive ${times} times${isGivenUp ? ' and a dead letter' : ''}`)
      }
      continue
    }
    const most = promised === 'unsure' || replayed.has(key) ? 1 : 0
    if (times > 1) count.doubles++
    else if (times > most) count.unpromised++
    if (times > most) fault(`event ${key}, ${promised}, is in the archive ${times} times`)
    if (replayed.has(key) && times === 0) {
      count.missing++
      fault(`event ${key} was replayed and is not in the archive`)
    }
  }
  for (const key of found.archived.keys()) {
    if (ledger.of(key) !== undefined) continue
    count.unpromised++
    fault(`event ${key} is in the archive and was never answered`)
  }
  return { ...count, letters: letters.size, lettersFound, replayed: replayed.size, faults }
}

/** Whether everything is where it was promised to be. */
export const isSound = ({ missing, doubles, unpromised, letters, lettersFound, faults }: Account): boolean =>
  missing === 0 && doubles === 0 && unpromised === 0 && letters === lettersFound && faults.length === 0
