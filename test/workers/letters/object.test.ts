/** The object of the dead letters on its real storage, with the date in the test's hand. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DeadLetterLimits, DeadLetters } from '../../../src/durable/dead-letters.ts'
import type { DeadLetterPage, NewDeadLetter } from '../../../src/serving/ports/dead-letters.ts'
import { letterOf } from '../../support/letters.ts'

const { DEAD_LETTERS } = env as unknown as { DEAD_LETTERS: DurableObjectNamespace<DeadLetters> }

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 2, 4, 10)

const LIMITS: DeadLetterLimits = {
  hourly: 3,
  payloadBytes: 100,
  totalBytes: 10_000,
  retentionMilliseconds: 30 * DAY,
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => vi.useRealTimers())

/** Runs `work` on an object of its own. */
const inObject = <T>(
  work: (letters: DeadLetters, state: DurableObjectState) => Promise<T> | T,
  limits: Partial<DeadLetterLimits> = {},
): Promise<T> =>
  runInDurableObject(DEAD_LETTERS.getByName(`test-${crypto.randomUUID()}`), (_, state) =>
    work(new DeadLetters(state, {}, { ...LIMITS, ...limits }), state),
  )

const keep = async (letters: DeadLetters, ...given: NewDeadLetter[]): Promise<readonly string[]> =>
  (await letters.keep(given, false)).kept

const some = (count: number, more: Partial<NewDeadLetter> = {}): NewDeadLetter[] =>
  Array.from({ length: count }, (_, number) => letterOf({ number }, more))

const stateOf = (letters: DeadLetters, { id }: NewDeadLetter): string | undefined =>
  letters.look([id]).letters[0]?.state

describe('the quota of the public', () => {
  it('keeps so many an hour, then ten of each code, then counts', () =>
    inObject(async (letters) => {
      expect(await keep(letters, ...some(15))).toEqual([...Array(13).fill('kept'), 'counted', 'counted'])
      expect(await keep(letters, ...some(11, { code: 'invalid_json' }))).toEqual([...Array(10).fill('kept'), 'counted'])
      expect(letters.totals().totals).toMatchObject({
        waiting: 23,
        counted: 3,
        by_state: { waiting: 23 },
        by_stage: { read: 23 },
        by_code: { missing_time: 13, invalid_json: 10 },
      })
    }))

  it('begins anew with each hour', () =>
    inObject(async (letters) => {
      expect((await keep(letters, ...some(14))).at(-1)).toBe('counted')
      vi.setSystemTime(START + HOUR)
      expect(await keep(letters, ...some(2))).toEqual(['kept', 'kept'])
    }))

  it('holds for nothing else: not for own letters, promised ones, nor for one that fails again', () =>
    inObject(
      async (letters) => {
        const again = letterOf({})
        await keep(letters, again)
        expect((await keep(letters, ...some(12))).at(-1)).toBe('counted')
        expect(await keep(letters, letterOf({}, { isPublic: false }), again)).toEqual(['kept', 'kept'])
        expect((await letters.keep(some(1), true)).kept).toEqual(['kept'])
      },
      { hourly: 1 },
    ))

  it('leaves room to work with what is there: a full object takes no more, and what is there can be given up', () =>
    inObject(
      async (letters, state) => {
        const first = letterOf({}, { isPublic: false })
        await keep(letters, first)
        const fill = Array.from({ length: 40 }, () =>
          letterOf({}, { isPublic: false, payload: { bytes: new Uint8Array(10_000), isCut: false } }),
        )
        for (const letter of fill) await keep(letters, letter).catch(() => undefined)
        expect(state.storage.sql.databaseSize).toBeLessThan(320_000)
        await expect(letters.keep([letterOf({}, { isPublic: false })], true)).rejects.toThrow('take no more')
        expect(letters.discard([first.id], 'full').discarded).toEqual([first.id])
      },
      { storageBytes: 300_000 },
    ))

  it('adds what isolates have counted', () =>
    inObject(async (letters) => {
      await letters.count([{ code: 'invalid_json', count: 500 }])
      expect(letters.totals().totals.counted).toBe(500)
    }))

  it('keeps no more payloads of the public when those there take all the room, only what came and why', () =>
    inObject(
      async (letters) => {
        const [first, second, own] = [
          letterOf('x'.repeat(90)),
          letterOf('y'.repeat(20)),
          letterOf('z', { isPublic: false }),
        ]
        expect(await keep(letters, first, second, own)).toEqual(['kept', 'kept', 'kept'])
        const [a, b, c] = letters.get([first.id, second.id, own.id]).letters
        expect(a).toMatchObject({ bytes: 90, isCut: false })
        expect(b).toMatchObject({ bytes: 0, isCut: true })
        expect(c).toMatchObject({ bytes: 1, isCut: false })
        expect((await keep(letters, ...some(10))).at(-1)).toBe('counted')
        expect(letters.totals().totals.payload_bytes).toBe(91)
      },
      { totalBytes: 90 },
    ))
})

describe('a payload', () => {
  it('of the public is cut, and said to be', () =>
    inObject(async (letters) => {
      const letter = letterOf('x'.repeat(101))
      await keep(letters, letter)
      const [kept] = letters.get([letter.id]).letters
      expect(kept).toMatchObject({ isCut: true, bytes: 100, payload: { isCut: true } })
      expect(kept?.payload).toMatchObject({ bytes: new TextEncoder().encode('x'.repeat(100)) })
    }))

  it('of our own may be a megabyte, or lie in the bucket', () =>
    inObject(async (letters) => {
      const large = letterOf('x'.repeat(1_000_000), { isPublic: false })
      const afar = letterOf('', { isPublic: false, payload: { reference: { key: 'payloads/a.json', bytes: 7 } } })
      await keep(letters, large, afar)
      const [first, second] = letters.get([large.id, afar.id]).letters
      expect(first).toMatchObject({ bytes: 1_000_000, isCut: false })
      expect(second).toMatchObject({ bytes: 7, payload: { reference: { key: 'payloads/a.json', bytes: 7 } } })
      expect(letters.totals().totals.payload_bytes).toBe(1_000_000)
    }))
})

describe('a letter that is there', () => {
  it('has failed once more: it waits again, and keeps its payload and its first failure', () =>
    inObject(async (letters) => {
      const letter = letterOf({ a: 1 }, { attempts: 2 })
      await keep(letters, letter)
      letters.begin([{ letter: letter.id, events: ['e'] }])
      letters.move([letter.id], 'replaying')
      const failedAt = letter.failedAt + 5_000
      const again = {
        ...letterOf({ b: 2 }),
        id: letter.id,
        failedAt,
        attempts: 1,
        stage: 'predict',
        code: 'model_failed',
      }
      await keep(letters, again as NewDeadLetter)
      const [kept] = letters.get([letter.id]).letters
      expect(kept).toMatchObject({
        state: 'waiting',
        stage: 'predict',
        code: 'model_failed',
        firstFailedAt: letter.failedAt,
        lastFailedAt: failedAt,
        attempts: 3,
        isBody: false,
        payload: letter.payload,
      })
      expect(letters.totals().totals).toMatchObject({ by_code: { model_failed: 1 }, waiting: 1 })
    }))

  it('is not changed by the same failure, told twice', () =>
    inObject(async (letters) => {
      const letter = letterOf({ a: 1 }, { attempts: 2 })
      await keep(letters, letter)
      letters.begin([{ letter: letter.id, events: ['e'] }])
      letters.move([letter.id], 'replaying')
      await keep(letters, letter)
      expect(letters.look([letter.id]).letters).toMatchObject([{ state: 'replaying', attempts: 2 }])
    }))

  it('stays discarded', () =>
    inObject(async (letters) => {
      const letter = letterOf({ a: 1 })
      await keep(letters, letter)
      expect(letters.discard([letter.id, 'unknown'], 'a scanner').discarded).toEqual([letter.id])
      expect(letters.discard([letter.id], 'again').discarded).toEqual([])
      await keep(letters, { ...letter, failedAt: letter.failedAt + 1 })
      expect(letters.begin([{ letter: letter.id, events: ['e'] }]).events).toEqual([null])
      letters.move([letter.id], 'replayed')
      expect(letters.look([letter.id]).letters).toMatchObject([{ state: 'discarded', reason: 'a scanner' }])
    }))
})

describe('a replay', () => {
  const begun = async (letters: DeadLetters, events: readonly string[] = ['e']): Promise<NewDeadLetter> => {
    const letter = letterOf({ a: 1 })
    await keep(letters, letter)
    letters.begin([{ letter: letter.id, events }])
    return letter
  }

  it('gives events the ids they had at the first', () =>
    inObject(async (letters) => {
      const letter = await begun(letters)
      expect(letters.begin([{ letter: letter.id, events: ['other'] }]).events).toEqual([['e']])
    }))

  it('that is worked off before its sender has heard that it is in the queue stays worked off', () =>
    inObject(async (letters) => {
      const letter = await begun(letters)
      letters.move([letter.id], 'replayed')
      letters.move([letter.id], 'replaying')
      expect(stateOf(letters, letter)).toBe('replayed')
      expect(letters.begin([{ letter: letter.id, events: ['e'] }]).events).toEqual([null])
    }))

  it('that failed again before its sender has heard so leaves the letter waiting', () =>
    inObject(async (letters) => {
      const letter = await begun(letters)
      await keep(letters, { ...letter, failedAt: letter.failedAt + 1 })
      letters.move([letter.id], 'replaying')
      expect(stateOf(letters, letter)).toBe('waiting')
    }))

  it('of which not every event came into the queue is not done when the others had their effect', () =>
    inObject(async (letters) => {
      const letter = await begun(letters, ['e', 'f'])
      letters.move([letter.id], 'replayed')
      expect(stateOf(letters, letter)).toBe('waiting')
      expect(letters.begin([{ letter: letter.id, events: ['e', 'f'] }]).events).toEqual([['e', 'f']])
      letters.move([letter.id], 'replaying')
      letters.move([letter.id], 'replayed')
      expect(stateOf(letters, letter)).toBe('replayed')
    }))

  it('of which one event failed again is not done when another had its effect', () =>
    inObject(async (letters) => {
      const letter = await begun(letters)
      letters.move([letter.id], 'replaying')
      await keep(letters, { ...letter, failedAt: letter.failedAt + 1 })
      letters.move([letter.id], 'replayed')
      expect(stateOf(letters, letter)).toBe('waiting')
    }))
})

describe('a list', () => {
  const pages = (letters: DeadLetters, limit: number, between: () => Promise<unknown>): Promise<string[]> => {
    const walk = async (cursor: string | null, seen: string[]): Promise<string[]> => {
      const page: DeadLetterPage = letters.list({ state: 'waiting' }, limit, cursor)
      const all = [...seen, ...page.letters.map(({ id }) => id)]
      await between()
      return page.cursor === null ? all : walk(page.cursor, all)
    }
    return walk(null, [])
  }

  it('goes through all of them once, while others arrive and some leave', () =>
    inObject(
      async (letters) => {
        const first = some(25)
        await keep(letters, ...first)
        let arrived = 0
        const seen = await pages(letters, 10, async () => {
          if (arrived++ < 2) await keep(letters, ...some(3))
          letters.discard([first[0]?.id ?? ''], 'meanwhile')
        })
        expect(seen.slice(0, 25)).toEqual(first.map(({ id }) => id))
        expect(new Set(seen).size).toBe(31)
      },
      { hourly: 100 },
    ))

  it('takes filters', () =>
    inObject(
      async (letters) => {
        const early = letterOf({}, { failedAt: START - DAY, model: 'other' })
        const late = letterOf({}, { failedAt: START, code: 'invalid_json', stage: 'receive' })
        await keep(letters, early, late)
        const ids = (filter: Parameters<DeadLetters['list']>[0]): string[] =>
          letters.list(filter, 10, null).letters.map(({ id }) => id)
        expect(ids({})).toEqual([early.id, late.id])
        expect(ids({ code: 'invalid_json' })).toEqual([late.id])
        expect(ids({ stage: 'receive', state: 'waiting' })).toEqual([late.id])
        expect(ids({ model: 'other' })).toEqual([early.id])
        expect(ids({ from: START })).toEqual([late.id])
        expect(ids({ to: START })).toEqual([early.id])
        expect(ids({ state: 'replayed' })).toEqual([])
        expect(letters.look([late.id]).letters).toMatchObject([{ isBody: true }])
      },
      { hourly: 100 },
    ))
})

describe('retention', () => {
  it('forgets what last failed too long ago, a part at a time, with payload and counts', () =>
    inObject(
      async (letters, state) => {
        const old = some(1_500, { failedAt: START })
        await keep(letters, ...old)
        const fresh = letterOf({}, { failedAt: START + 20 * DAY })
        await keep(letters, fresh)
        expect(await state.storage.getAlarm()).toBe(START + HOUR)

        vi.setSystemTime(START + 30 * DAY + 1)
        await letters.alarm()
        expect(letters.totals().totals.waiting).toBe(501)
        expect(await state.storage.getAlarm()).toBe(START + 30 * DAY + 1 + 1_000)
        await letters.alarm()
        expect(letters.totals().totals).toMatchObject({ waiting: 1, payload_bytes: 2 })
        expect([...state.storage.sql.exec('SELECT count(*) AS n FROM payloads')]).toEqual([{ n: 1 }])
        expect(await state.storage.getAlarm()).toBe(START + 30 * DAY + 1 + HOUR)

        vi.setSystemTime(START + 51 * DAY)
        await state.storage.deleteAlarm()
        await letters.alarm()
        expect(letters.totals().totals).toMatchObject({ waiting: 0, by_state: {}, payload_bytes: 0, counted: 0 })
        expect(await state.storage.getAlarm()).toBeNull()
      },
      { hourly: 10_000, totalBytes: 1_000_000 },
    ))
})
