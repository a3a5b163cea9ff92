import { describe, expect, it } from 'vitest'
import { type Found, isSound, Ledger, type Promised, type PromisedLetters, settle } from '../../scale/soak-ledger.ts'

const ledgerOf = (promised: Readonly<Record<number, Promised>>): Ledger => {
  const ledger = new Ledger(new Uint8Array(2))
  for (const [key, promise] of Object.entries(promised)) ledger.note(Number(key), promise)
  return ledger
}

const NO_LETTERS: PromisedLetters = new Map()
const found = (archived: Readonly<Record<number, number>>, letters: Found['letters'] = []): Found => ({
  archived: new Map(Object.entries(archived).map(([key, times]) => [Number(key), times])),
  letters,
})

describe('the ledger', () => {
  it('keeps more keys than it began with', () => {
    const ledger = ledgerOf({ 0: 'accepted', 100000: 'letter' })
    expect([...ledger.keys()]).toEqual([0, 100_000])
    expect(ledger.of(100_000)).toBe('letter')
    expect(ledger.of(5)).toBeUndefined()
  })

  it('holds to what was accepted, when the same event is sent again and refused', () => {
    const ledger = ledgerOf({ 0: 'unsure', 1: 'accepted' })
    ledger.note(0, 'accepted')
    ledger.note(1, 'unsure')
    expect([ledger.of(0), ledger.of(1)]).toEqual(['accepted', 'accepted'])
  })
})

describe('what was promised', () => {
  it('holds when each accepted event is archived once or one dead letter', () => {
    const ledger = ledgerOf({ 0: 'accepted', 1: 'accepted', 2: 'unsure', 3: 'dropped' })
    const account = settle(ledger, NO_LETTERS, found({ 0: 1, 2: 1 }, [{ id: 'x', state: 'waiting', key: 1 }]))
    expect(account).toMatchObject({ accepted: 2, archived: 1, givenUp: 1, missing: 0, doubles: 0, unpromised: 0 })
    expect(isSound(account)).toBe(true)
  })

  it('holds for letters that wait, were discarded, or were replayed and archived', () => {
    const ledger = ledgerOf({ 0: 'letter', 1: 'letter', 2: 'letter' })
    const letters = new Map([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', null],
    ])
    const states = ['waiting', 'discarded', 'replayed', 'waiting']
    const listed = [...letters.keys()].map((id, index) => ({ id, state: states[index], key: null }))
    const account = settle(ledger, letters, found({ 2: 1 }, listed))
    expect(account).toMatchObject({ letters: 4, lettersFound: 4, replayed: 1 })
    expect(isSound(account)).toBe(true)
  })

  it.each<[string, Promised, number, string]>([
    ['an accepted event that is nowhere', 'accepted', 0, 'event 0 was accepted and is nowhere'],
    ['one that is archived twice', 'accepted', 2, 'event 0 is in the archive 2 times'],
    ['a dropped one that is archived', 'dropped', 1, 'event 0, dropped, is in the archive 1 times'],
    ['an unsure one that is archived twice', 'unsure', 2, 'event 0, unsure, is in the archive 2 times'],
  ])('does not hold for %s', (_, promised, times, fault) => {
    const account = settle(ledgerOf({ 0: promised }), NO_LETTERS, found(times === 0 ? {} : { 0: times }))
    expect(account.faults).toEqual([fault])
    expect(isSound(account)).toBe(false)
  })

  it('does not hold for an event both archived and given up', () => {
    const account = settle(
      ledgerOf({ 0: 'accepted' }),
      NO_LETTERS,
      found({ 0: 1 }, [{ id: 'x', state: 'waiting', key: 0 }]),
    )
    expect(account.doubles).toBe(1)
    expect(isSound(account)).toBe(false)
  })

  it('does not hold for letters that are gone, still under way, or replayed to nowhere', () => {
    const ledger = ledgerOf({ 0: 'letter', 1: 'letter', 2: 'letter' })
    const letters = new Map([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    const listed = [
      { id: 'b', state: 'replaying', key: null },
      { id: 'c', state: 'replayed', key: null },
    ]
    const account = settle(ledger, letters, found({}, listed))
    expect(account.faults).toEqual([
      'letter a is not there',
      'letter b is still being replayed',
      'event 2 was replayed and is not in the archive',
    ])
    expect(isSound(account)).toBe(false)
  })

  it('does not hold for an event nobody was told of', () => {
    const account = settle(ledgerOf({}), NO_LETTERS, found({ 7: 1 }))
    expect(account).toMatchObject({ unpromised: 1, faults: ['event 7 is in the archive and was never answered'] })
  })
})
