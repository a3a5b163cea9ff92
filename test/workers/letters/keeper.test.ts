/** The keeper on the real object and bucket, with faults around them. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { deadLettersClient } from '../../../src/adapters/dead-letters-client.ts'
import { r2EventObjects } from '../../../src/adapters/r2-event-objects.ts'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { parkedLetterKey, payloadKey } from '../../../src/protocol/store-keys.ts'
import { LetterKeeper } from '../../../src/serving/letters/keep-letters.ts'
import type { DeadLetters } from '../../../src/serving/ports/dead-letters.ts'
import type { EventObjects } from '../../../src/serving/ports/event-objects.ts'
import { faultyLetters, type LetterFault, letterOf } from '../../support/letters.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const { ARCHIVE, DEAD_LETTERS } = env as unknown as Env

const deadline = { remainingMilliseconds: () => 10_000 }
const bucket = r2EventObjects(ARCHIVE, systemTimers)

interface Setting {
  fault: LetterFault
  bucketFails: boolean
  readonly calls: string[]
  readonly letters: DeadLetters
  readonly keeper: LetterKeeper
  readonly work: Promise<unknown>[]
  readonly time: ManualClock
}

/** A keeper whose object is one of its own. */
const setting = (hourly = 100): Setting => {
  const name = `test-${crypto.randomUUID()}`
  const own = { getByName: () => DEAD_LETTERS.getByName(name) }
  const letters = deadLettersClient(own, systemTimers)
  const time = new ManualClock(Date.now())
  const objects: EventObjects = {
    ...bucket,
    put: (...call) => (made.bucketFails ? Promise.reject(new Error('the bucket is down')) : bucket.put(...call)),
  }
  const made: Setting = {
    fault: 'none',
    bucketFails: false,
    calls: [],
    letters,
    work: [],
    time,
    keeper: new LetterKeeper({
      letters: faultyLetters(letters, (method) => {
        made.calls.push(method)
        return made.fault
      }),
      objects,
      clock: time,
      timers: {
        sleep: (milliseconds) => (milliseconds === 1_000 ? time.sleep(milliseconds) : systemTimers.sleep(milliseconds)),
      },
      log: () => undefined,
      limits: { payloadBytes: 100, hourly, deadlineMilliseconds: 500 },
    }),
  }
  return made
}

describe('keeping', () => {
  it('answers in order, with payloads of the public cut', async () => {
    const { keeper, letters } = setting()
    const given = [letterOf({ a: 1 }), letterOf('x'.repeat(300)), letterOf('y'.repeat(300), { isPublic: false })]
    expect(await keeper.keep(given)).toEqual(given.map(({ id }) => ({ id, kept: 'kept' })))
    const kept = await letters.get(
      given.map(({ id }) => id),
      deadline,
    )
    expect(kept.map(({ bytes, isCut }) => [bytes, isCut])).toEqual([
      [7, false],
      [100, true],
      [300, false],
    ])
  })

  it('puts a payload of our own that is too long for the object into the bucket', async () => {
    const { keeper, letters } = setting()
    const letter = letterOf('x'.repeat(1_000_001), { isPublic: false })
    expect(await keeper.keep([letter])).toEqual([{ id: letter.id, kept: 'kept' }])
    const key = payloadKey(letter.id, 0, letter.receivedAt)
    expect(await letters.get([letter.id], deadline)).toMatchObject([
      { payload: { reference: { key, bytes: 1_000_001 } } },
    ])
    expect((await ARCHIVE.head(key))?.size).toBe(1_000_001)
  })

  it('takes hundreds at once, some of them large', async () => {
    const { keeper, letters } = setting()
    const given = Array.from({ length: 250 }, (_, index) =>
      letterOf('x'.repeat(index % 10 === 0 ? 900_000 : 10), { isPublic: false }),
    )
    expect((await keeper.keep(given)).every(({ kept }) => kept === 'kept')).toBe(true)
    expect((await letters.totals(deadline)).waiting).toBe(250)
  })
})

describe('a flood of bad bodies', () => {
  it('is counted in the isolate once the object only counts it, and reported a second later', async () => {
    const { keeper, letters, calls, work, time } = setting()
    // Of the deployment's own settings: a thousand an hour, and ten of each code.
    const flood = Array.from({ length: 1_011 }, () => letterOf('x'))
    expect((await keeper.keep(flood)).filter(({ kept }) => kept === 'counted')).toHaveLength(1)
    const before = calls.length
    const background = (promise: Promise<unknown>): void => {
      work.push(promise)
    }
    for (let request = 0; request < 500; request++) {
      expect(await keeper.keep([letterOf('y')], background)).toEqual([{ id: null, kept: 'counted' }])
    }
    expect(calls.length).toBe(before)
    expect(work).toHaveLength(1)
    await time.advance(1_000)
    await Promise.all(work)
    expect(calls.slice(before)).toEqual(['count'])
    expect((await letters.totals(deadline)).counted).toBe(501)

    // Another code has a sample of its own, and the next hour another quota.
    expect(await keeper.keep([letterOf('z', { code: 'invalid_json' })])).toMatchObject([{ kept: 'kept' }])
    await time.advance(3_600_000)
    await keeper.keep([letterOf('y')])
    expect(calls.at(-1)).toBe('keep')
  })

  it('loses no count when it cannot be reported', async () => {
    const own = setting()
    await own.keeper.keep(Array.from({ length: 1_011 }, () => letterOf('x')))
    const background = (promise: Promise<unknown>): void => {
      own.work.push(promise)
    }
    own.fault = 'before'
    await own.keeper.keep([letterOf('y')], background)
    await own.time.advance(1_000)
    await expect(own.work[0]).rejects.toThrow()
    own.fault = 'none'
    await own.keeper.keep([letterOf('y')], background)
    await own.time.advance(1_000)
    await own.work[1]
    expect((await own.letters.totals(deadline)).counted).toBe(3)
  })
})

describe('an object that fails', () => {
  it.each<LetterFault>(['before', 'hangs', 'after'])(
    '%s: the letters wait in the bucket, and are brought to it once',
    async (fault) => {
      const own = setting()
      own.fault = fault
      const given = [letterOf({ a: 1 }), letterOf('x'.repeat(300)), letterOf('z', { isPublic: false })]
      expect(await own.keeper.keep(given)).toEqual(given.map(({ id }) => ({ id, kept: 'kept' })))
      for (const { id } of given) expect(await ARCHIVE.head(parkedLetterKey(id))).not.toBeNull()

      own.fault = 'none'
      const { brought } = await own.keeper.drain(deadline)
      expect(brought).toBeGreaterThanOrEqual(3)
      expect((await own.keeper.drain(deadline)).brought).toBe(0)
      const kept = await own.letters.get(
        given.map(({ id }) => id),
        deadline,
      )
      expect(kept.map(({ id, isCut, bytes }) => [id, isCut, bytes])).toEqual([
        [given[0]?.id, false, 7],
        [given[1]?.id, true, 100],
        [given[2]?.id, false, 1],
      ])
      expect(kept[0]).toMatchObject({ state: 'waiting', attempts: 0, payload: given[0]?.payload })
      for (const { id } of given) expect(await ARCHIVE.head(parkedLetterKey(id))).toBeNull()
    },
  )

  it('is left alone for some seconds', async () => {
    const own = setting()
    own.fault = 'before'
    await own.keeper.keep([letterOf('a')])
    await own.keeper.keep([letterOf('b')])
    expect(own.calls).toEqual(['keep'])
    own.fault = 'none'
    await own.time.advance(5_000)
    await own.keeper.keep([letterOf('c')])
    expect(own.calls).toEqual(['keep', 'keep'])
    await own.keeper.drain(deadline)
  })

  it('together with the bucket loses letters, and says so', async () => {
    const own = setting()
    own.fault = 'before'
    own.bucketFails = true
    const long = letterOf('x'.repeat(1_000_001), { isPublic: false })
    expect(await own.keeper.keep([letterOf('a'), long])).toEqual([
      { id: null, kept: 'lost' },
      { id: null, kept: 'lost' },
    ])
  })

  it('lets the public fill the bucket no faster than the object', async () => {
    const own = setting(2)
    own.fault = 'before'
    const kept = await own.keeper.keep([
      letterOf('a'),
      letterOf('b'),
      letterOf('c'),
      letterOf('d', { isPublic: false }),
    ])
    expect(kept.map((one) => one.kept)).toEqual(['kept', 'kept', 'counted', 'kept'])
    own.fault = 'none'
    await own.keeper.drain(deadline)
  })
})

describe('draining', () => {
  it('keeps what was promised whatever the quota says, and leaves what is no letter', async () => {
    const own = setting()
    own.fault = 'before'
    const parked = letterOf('a')
    await own.keeper.keep([parked])
    const key = parkedLetterKey(`broken-${crypto.randomUUID()}`)
    await ARCHIVE.put(key, '{"format":2}')
    own.fault = 'none'
    await own.letters.keep(
      Array.from({ length: 1_011 }, () => letterOf('x')),
      deadline,
    )
    const { unreadable } = await own.keeper.drain(deadline)
    expect(unreadable).toEqual([key])
    expect(await own.letters.look([parked.id], deadline)).toMatchObject([{ state: 'waiting' }])
    expect(await ARCHIVE.head(key)).not.toBeNull()
    await ARCHIVE.delete(key)
  })
})
