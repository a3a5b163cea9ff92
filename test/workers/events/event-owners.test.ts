import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventOwnersClient, ownerShardName } from '../../../src/adapters/event-owners-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { EventOwners } from '../../../src/durable/event-owners.ts'
import { countedShards } from '../../support/owner-shards.ts'

const { EVENT_OWNERS } = env as unknown as { EVENT_OWNERS: DurableObjectNamespace<EventOwners> }

const DAY = 86_400_000
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 4, 1)
const SHARDS = 4

const soon = () => deadlineIn(systemClock, 5_000)
const newId = (): string => crypto.randomUUID()

/** Objects that no other test uses. */
const ownObjects = () => {
  const test = newId()
  const stub = (name: string) => EVENT_OWNERS.getByName(`${test}-${name}`)
  const shards = countedShards({ getByName: stub })
  const owners = eventOwnersClient(shards, SHARDS, systemTimers)
  const claim = async (event: string, message: string, letter: string | null = null): Promise<boolean> =>
    (await owners.claim([{ event, message, letter }], soon()))[0] as boolean
  const stubs = Array.from({ length: SHARDS }, (_, shard) => stub(ownerShardName(shard)))
  /** Rows of all objects. */
  const rows = async (table: 'owners' | 'seals'): Promise<number> => {
    const counts = await Promise.all(
      stubs.map((object) =>
        runInDurableObject(
          object,
          (_, { storage }) => storage.sql.exec<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`).one().rows,
        ),
      ),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }
  return { owners, claim, stubs, rows, calls: shards.calls }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the event owners', () => {
  it('give an event to the first message that claims it, and to no other, whatever happens to the object', async () => {
    const { claim, stubs } = ownObjects()
    const [event, first, second] = [newId(), newId(), newId()]
    expect(await claim(event, first)).toBe(true)
    expect(await claim(event, second)).toBe(false)
    for (const object of stubs) {
      await claim(newId(), newId())
      await runInDurableObject(object, () => undefined)
      await evictDurableObject(object)
    }
    expect(await claim(event, first)).toBe(true)
    expect(await claim(event, second)).toBe(false)
  })

  it('answer a thousand claims in their order, with one call for each object', async () => {
    const { owners, calls } = ownObjects()
    const events = Array.from({ length: 1_000 }, newId)
    const first = newId()
    const own = events.filter((_, index) => index % 3 === 0)
    await owners.claim(
      own.map((event) => ({ event, message: first, letter: null })),
      soon(),
    )
    calls.length = 0
    const second = newId()
    const answers = await owners.claim(
      events.map((event) => ({ event, message: second, letter: null })),
      soon(),
    )
    expect(answers).toEqual(events.map((_, index) => index % 3 !== 0))
    expect(calls.sort()).toEqual(Array.from({ length: SHARDS }, (_, shard) => `claim ${ownerShardName(shard)}`))
  })

  it('let one of two messages win that come at once', async () => {
    const { owners } = ownObjects()
    const events = Array.from({ length: 200 }, newId)
    const claims = (message: string) => events.map((event) => ({ event, message, letter: null }))
    const [a, b] = await Promise.all([owners.claim(claims(newId()), soon()), owners.claim(claims(newId()), soon())])
    expect(events.map((_, index) => Number(a[index]) + Number(b[index]))).toEqual(events.map(() => 1))
  })

  it('give what a letter owns only to a message that replays it', async () => {
    const { owners, claim } = ownObjects()
    const [event, message, letter, replay] = [newId(), newId(), newId(), newId()]
    await claim(event, message)
    await owners.handOver([{ event, message, letter }], soon())
    expect(await claim(event, message)).toBe(false)
    expect(await claim(event, newId(), newId())).toBe(false)
    expect(await claim(event, replay, letter)).toBe(true)
    expect(await claim(event, replay, letter)).toBe(true)
    expect(await claim(event, newId(), letter)).toBe(false)
  })

  it('hand over only what the message owns, or nobody', async () => {
    const { owners, claim } = ownObjects()
    const [event, message, other, letter] = [newId(), newId(), newId(), newId()]
    await claim(event, message)
    await owners.handOver([{ event, message: other, letter }], soon())
    expect(await claim(event, message)).toBe(true)
    const unclaimed = newId()
    await owners.handOver([{ event: unclaimed, message, letter }], soon())
    expect(await claim(unclaimed, other)).toBe(false)
    expect(await claim(unclaimed, other, letter)).toBe(true)
  })

  it('forget an event a day after its first claim, whether or not the alarm has rung', async () => {
    const { claim, stubs, rows } = ownObjects()
    const [event, first, second] = [newId(), newId(), newId()]
    await claim(event, first)
    vi.setSystemTime(START + DAY - 1)
    expect(await claim(event, first)).toBe(true)
    expect(await claim(event, second)).toBe(false)
    vi.setSystemTime(START + DAY)
    expect(await claim(event, second)).toBe(true)
    expect(await claim(event, first)).toBe(false)
    vi.setSystemTime(START + 3 * DAY)
    for (const object of stubs) await runDurableObjectAlarm(object)
    expect(await rows('owners')).toBe(0)
  })

  it('remember what a letter owns for as long as it may be replayed', async () => {
    const { owners, claim, stubs } = ownObjects()
    const [event, message, letter, replay] = [newId(), newId(), newId(), newId()]
    await claim(event, message)
    await owners.handOver([{ event, message, letter }], soon())
    vi.setSystemTime(START + 30 * DAY)
    for (const object of stubs) await runDurableObjectAlarm(object)
    expect(await claim(event, newId())).toBe(false)
    expect(await claim(event, replay, letter)).toBe(true)
    vi.setSystemTime(START + 60 * DAY)
    expect(await claim(event, newId(), letter)).toBe(false)
  })

  it('forget in bounded steps and then sleep', async () => {
    const { owners, stubs, rows } = ownObjects()
    const message = newId()
    const claims = Array.from({ length: 9_000 }, () => ({ event: newId(), message, letter: null }))
    await owners.claim(claims, soon())
    vi.setSystemTime(START + 2 * DAY)
    const [object] = stubs as [DurableObjectStub<EventOwners>]
    await runDurableObjectAlarm(object)
    const left = await rows('owners')
    expect(left).toBe(9_000 - 2_000)
    for (const one of stubs) while (await runDurableObjectAlarm(one)) await runInDurableObject(one, () => undefined)
    expect(await rows('owners')).toBe(0)
  })

  it('know what is sealed', async () => {
    const { owners } = ownObjects()
    const messages = Array.from({ length: 50 }, newId)
    const sealed = messages.filter((_, index) => index % 2 === 0)
    await owners.seal(sealed, soon())
    vi.setSystemTime(START + 50 * DAY)
    expect(await owners.sealed(messages, soon())).toEqual(messages.map((_, index) => index % 2 === 0))
  })

  it('refuse what is no claim, by place and value', async () => {
    const object = EVENT_OWNERS.getByName(newId())
    await runInDurableObject(object, async (instance) => {
      await expect(instance.claim({ format: 2, claims: [] })).rejects.toThrow(
        'event owners: format is 2, expected 1, the one this code knows',
      )
      await expect(instance.claim({ format: 1, claims: [{ event: 'a', message: 7 }] })).rejects.toThrow(
        'event owners: claims[0].message is 7, expected a text of 1 to 256 characters',
      )
    })
  })

  it('are not waited for beyond the deadline', async () => {
    const never = () => new Promise<never>(() => {})
    const silent = { claim: never, handOver: never, seal: never, sealed: never }
    const owners = eventOwnersClient({ getByName: () => silent }, SHARDS, systemTimers)
    const deadline = deadlineIn(systemClock, 20)
    await expect(owners.claim([{ event: 'a', message: 'm', letter: null }], deadline)).rejects.toThrow(
      /^event owners owners-\d did not answer in time$/,
    )
  })
})
