import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventOwnersClient } from '../../../src/adapters/event-owners-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { Failure } from '../../../src/core/failure.ts'
import { decodeEventMessage, type EventMessage } from '../../../src/protocol/event-message.ts'
import { archiveKey } from '../../../src/protocol/store-keys.ts'
import { createQueue } from '../../../src/queue/consume-events.ts'
import type { Decorators } from '../../../src/services.ts'
import { letterId } from '../../../src/serving/letters/letter-id.ts'
import type { EventObjects } from '../../../src/serving/ports/event-objects.ts'
import { type Around, killedAt } from '../../support/faulty-objects.ts'
import { consumerPorts, portAround } from './port-around.ts'
import {
  beginReplay,
  consuming,
  countedUnder,
  good,
  idsOf,
  letterBeingReplayed,
  letters,
  lettersOf,
  linesIn,
  messageOf,
  soon,
  timeless,
  whereabouts,
} from './queue-bench.ts'

/** INGEST_ATTEMPTS where nothing else is said. */
const LAST = 10

const newId = (): string => crypto.randomUUID()
const idsOfMessages = (messages: readonly EventMessage[]): readonly string[] => messages.map(({ id }) => id).sort()

/** Calls of these methods reject, before (`before`) or after they are carried out. */
const failing = (methods: readonly string[], when: 'before' | 'after' = 'before'): Around => ({
  async [when](method: string) {
    if (methods.includes(method)) throw new Failure('archive_unavailable', `${method} failed`)
  },
})
const bucketFailing = (methods: readonly string[], when?: 'before' | 'after'): Decorators => ({
  events: (real: EventObjects) => portAround(real, failing(methods, when)),
})

/** Two messages that share an event, one that cannot be read among the good, and one replayed. */
const scene = async () => {
  const [letter, replayed] = [newId(), newId()]
  await letterBeingReplayed(letter)
  const shared = good()
  const messages = [
    messageOf([good(), timeless(), shared, good()]),
    messageOf([shared, good()]),
    messageOf([good({ id: replayed, letter }), timeless()]),
  ]
  return {
    letter,
    messages,
    accepted: [...new Set(messages.flatMap(({ events }) => events.map(({ id }) => id)))].sort(),
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a consumer that dies', () => {
  it.each(['before', 'after'] as const)('%s any of its calls loses nothing and doubles nothing', async (when) => {
    let points = 0
    for (let point = 0; ; point++) {
      const { letter, messages, accepted } = await scene()
      const killed = killedAt(point, when)
      const first = consuming(consumerPorts(killed))
      await first.deliver(messages)
      const [one, two, three] = messages
      const next = consuming({}, first.mark)
      const delivered = [
        await next.deliver([three, one], { attempts: 2 }),
        await next.deliver([two], { attempts: 2 }),
        await next.deliver([two, three], { attempts: 3 }),
      ]
      expect(delivered.flatMap(({ again }) => again)).toEqual([])
      const { archived, waiting } = await whereabouts(messages)
      expect({ point, found: [...archived, ...waiting].sort() }).toEqual({ point, found: accepted })
      expect(waiting).toHaveLength(2)
      expect({ point, counted: await countedUnder(first.mark) }).toEqual({ point, counted: accepted.length })
      expect(await letters.look([letter], soon())).toMatchObject([{ state: 'replayed' }])
      points = killed.calls
      if (killed.calls <= point) break
    }
    expect(points).toBeGreaterThan(8)
  })

  it('at the 7th of 100 messages touches none of the others', async () => {
    const messages = Array.from({ length: 100 }, () => messageOf([good(), good()]))
    const seventh = messages[6] as EventMessage
    const key = archiveKey(seventh.id, seventh.receivedAt)
    const { deliver, mark } = consuming({
      events: (real) => ({
        ...real,
        put: (...call) => (call[0] === key ? Promise.reject(new Error('a bug')) : real.put(...call)),
      }),
    })
    const delivered = await deliver(messages)
    expect(delivered.again).toEqual([seventh.id])
    expect(delivered.done).toHaveLength(99)
    const next = consuming({}, mark)
    expect((await next.deliver([seventh], { attempts: 2 })).done).toEqual([seventh.id])
    expect(await whereabouts(messages)).toEqual({
      archived: idsOf(messages.flatMap(({ events }) => events)),
      waiting: [],
    })
    expect(await countedUnder(mark)).toBe(200)
  })

  it('does no harm when the objects it calls are restarted under it', async () => {
    const { messages, accepted } = await scene()
    let calls = 0
    const own: Around = {
      async before() {
        if (++calls % 3 === 0) await abortAllDurableObjects()
      },
    }
    const first = consuming(consumerPorts(own))
    let left = messages
    for (let attempts = 1; left.length > 0 && attempts < LAST; attempts++) {
      const { done } = await first.deliver(left, { attempts })
      left = left.filter(({ id }) => !done.includes(id))
    }
    await consuming({}, first.mark).deliver(messages, { attempts: 6 })
    const { archived, waiting } = await whereabouts(messages)
    expect([...archived, ...waiting].sort()).toEqual(accepted)
    expect(await countedUnder(first.mark)).toBe(accepted.length)
  })

  it('leaves given up what it gave up, whatever the event would come to now, also while it is replayed', async () => {
    const bad = timeless()
    const message = messageOf([good(), bad])
    const first = consuming({ messageStatistics: () => ({ count: async () => ({ counted: [], news: [] }) }) })
    expect((await first.deliver([message])).again).toEqual([message.id])
    // Other rules hold now, by which the event can be read.
    const readable = { ...message, events: [message.events[0], good({ id: bad.id })] }
    expect((await consuming({}, first.mark).deliver([readable], { attempts: 2 })).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: [message.events[0].id], waiting: [bad.id] })
    expect(await countedUnder(first.mark)).toBe(2)
    const letter = letterId(message.id, bad.id)
    await beginReplay(letter)
    const replay = messageOf([good({ id: bad.id, letter })])
    await consuming().deliver([replay, readable], { attempts: 3 })
    expect(await whereabouts([message, replay])).toEqual({
      archived: [message.events[0].id, bad.id].sort(),
      waiting: [],
    })
  })
})

describe('what is down', () => {
  it('event owners: all comes again, however often it came, and nothing is written', async () => {
    const messages = [messageOf([good()]), messageOf([good(), timeless()])]
    const down = failing(['claim', 'sealed'])
    const { deliver } = consuming({ owners: (real) => portAround(real, down) })
    for (const attempts of [1, 2, LAST, 20]) {
      const { done, again } = await deliver(messages, { attempts })
      expect([done, [...again].sort()]).toEqual([[], idsOfMessages(messages)])
    }
    expect(await whereabouts(messages)).toEqual({ archived: [], waiting: [] })
    await consuming().deliver(messages, { attempts: 21 })
    expect((await whereabouts(messages)).archived).toHaveLength(2)
  })

  it('event owners while events are handed over: no dead letter stands before its ownership', async () => {
    const message = messageOf([good(), timeless()])
    const { deliver } = consuming({ owners: (real) => portAround(real, failing(['handOver'])) })
    expect((await deliver([message], { attempts: LAST })).again).toEqual([message.id])
    expect(await lettersOf([message])).toEqual([])
  })

  it('the bucket, for a while: the message comes again and is archived', async () => {
    const message = messageOf([good(), good()])
    const { deliver, mark } = consuming(bucketFailing(['put']))
    expect((await deliver([message])).again).toEqual([message.id])
    expect(await countedUnder(mark)).toBe(0)
    await consuming({}, mark).deliver([message], { attempts: 2 })
    expect(await whereabouts([message])).toEqual({ archived: idsOf(message.events), waiting: [] })
    expect(await countedUnder(mark)).toBe(2)
  })

  it('the bucket, for good: the events become dead letters, and replaying them has one effect', async () => {
    const message = messageOf([good(), good(), timeless()])
    const { deliver, mark } = consuming(bucketFailing(['put', 'get', 'delete']))
    for (let attempts = 1; attempts < LAST; attempts++) {
      expect((await deliver([message], { attempts })).again).toEqual([message.id])
    }
    expect((await deliver([message], { attempts: LAST })).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: [], waiting: idsOf(message.events) })
    const [one, two] = await lettersOf([message])
    expect([one, two].map(({ stage, code }) => [stage, code])).toEqual([
      ['archive', 'archive_unavailable'],
      ['archive', 'archive_unavailable'],
    ])
    for (const { id } of [one, two]) await beginReplay(id)
    const replays = [0, 1].map(() =>
      messageOf(message.events.slice(0, 2).map((event, index) => ({ ...event, letter: [one, two][index].id }))),
    )
    await consuming({}, mark).deliver(replays)
    await consuming({}, mark).deliver([message], { attempts: LAST + 1 })
    const { archived, waiting } = await whereabouts([message, ...replays])
    expect([archived, waiting]).toEqual([idsOf(message.events.slice(0, 2)), [message.events[2].id]])
  })

  it('the answers of the bucket: what was written in secret is no dead letter as well', async () => {
    const message = messageOf([good(), good()])
    const { deliver } = consuming(bucketFailing(['put'], 'after'))
    expect((await deliver([message], { attempts: LAST })).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: idsOf(message.events), waiting: [] })
  })

  it('the model: its events become dead letters with the last delivery, unless an earlier one archived them', async () => {
    const message = messageOf([good(), good()])
    const never = consuming({}, newId())
    const unknown = { ...message, model: `nobody-${newId().slice(0, 8)}` }
    expect((await never.deliver([unknown])).again).toEqual([message.id])
    await never.deliver([message], { attempts: 2 })
    expect((await never.deliver([unknown], { attempts: LAST })).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: idsOf(message.events), waiting: [] })
    const other = messageOf([good()], { model: 'nobody' })
    expect((await never.deliver([other], { attempts: LAST })).done).toEqual([other.id])
    expect(await lettersOf([other])).toMatchObject([{ state: 'waiting', stage: 'predict', code: 'unknown_model' }])
  })

  it('the statistics: tried again, then lost to the statistics alone', async () => {
    const message = messageOf([good()])
    const { deliver, mark } = consuming({
      messageStatistics: () => ({ count: async (deltas) => ({ counted: deltas.map(() => false), news: [] }) }),
    })
    expect((await deliver([message])).again).toEqual([message.id])
    expect((await deliver([message], { attempts: LAST })).done).toEqual([message.id])
    expect((await whereabouts([message])).archived).toHaveLength(1)
    expect(await countedUnder(mark)).toBe(0)
  })

  it('the object of the dead letters: they wait in the bucket', async () => {
    const message = messageOf([good(), timeless()])
    const { deliver } = consuming({ letters: (real) => portAround(real, failing(['keep', 'look'])) })
    expect((await deliver([message])).done).toEqual([message.id])
    const { archived, waiting } = await whereabouts([message])
    expect([archived.length, waiting.length]).toEqual([1, 1])
  })

  it('both: the message comes again, however often it came', async () => {
    const message = messageOf([timeless()])
    const { deliver } = consuming({
      ...bucketFailing(['put', 'get', 'delete']),
      letters: (real) => portAround(real, failing(['keep'])),
    })
    for (const attempts of [1, LAST, 21]) {
      expect((await deliver([message], { attempts })).again).toEqual([message.id])
    }
    await consuming().deliver([message], { attempts: 2, isGivenUp: true })
    expect((await whereabouts([message])).waiting).toHaveLength(1)
  })

  it('the settings: everything waits, an hour at a time in the end, so that no message is dropped in four days', async () => {
    const logged: string[] = []
    const queue = createQueue(
      () => {
        throw new Error('INGEST_ATTEMPTS must be a whole number')
      },
      (line) => void logged.push(line),
    )
    const delays: number[] = []
    const retry = ({ delaySeconds }: { delaySeconds: number }): number => delays.push(delaySeconds)
    for (const deliveries of [21, 101]) {
      for (let attempts = 1; attempts <= deliveries; attempts++) {
        const batch = { messages: [{ attempts, retry }] } as unknown as MessageBatch
        await queue(batch, {}, {} as ExecutionContext)
      }
    }
    expect(delays.slice(0, 8)).toEqual([60, 120, 240, 480, 960, 1_920, 3_600, 3_600])
    expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(4 * 86_400)
    expect(logged[0]).toBe('1 messages wait: Error: INGEST_ATTEMPTS must be a whole number')
  })
})

describe('what never answers', () => {
  const METHODS = ['sealed', 'look', 'claim', 'get', 'handOver', 'keep', 'put', 'move', 'count'] as const
  /** Deadlines pass a hundred times as fast. */
  const time = { clock: systemClock, timers: { sleep: (ms: number) => systemTimers.sleep(ms / 100) } }

  it.each(METHODS)('is not waited for: %s', async (silent) => {
    const { messages, accepted, letter } = await scene()
    const own: Around = {
      before: async (method) => void (method === silent && (await new Promise<never>(() => {}))),
    }
    const first = consuming({ ...consumerPorts(own), time })
    await first.deliver(messages, { attempts: 2 })
    const next = consuming({}, first.mark)
    expect((await next.deliver(messages, { attempts: 3 })).again).toEqual([])
    const { archived, waiting } = await whereabouts(messages)
    expect([...archived, ...waiting].sort()).toEqual(accepted)
    expect(await countedUnder(first.mark)).toBe(accepted.length)
    expect(await letters.look([letter], soon())).toMatchObject([{ state: 'replayed' }])
  })
})

describe('a message of the queue of what was never worked off', () => {
  it('is tried once more', async () => {
    const message = messageOf([good(), timeless()])
    expect((await consuming().deliver([message], { isGivenUp: true })).done).toEqual([message.id])
    const { archived, waiting } = await whereabouts([message])
    expect([archived.length, waiting.length]).toEqual([1, 1])
  })

  it('starts there with a first delivery, and what was handed to a letter that nobody could keep is not lost', async () => {
    const bad = timeless()
    const message = messageOf([good(), bad])
    const { deliver } = consuming({
      ...bucketFailing(['put']),
      letters: (real) => portAround(real, failing(['keep'])),
    })
    for (const attempts of [1, LAST]) expect((await deliver([message], { attempts })).again).toEqual([message.id])
    expect((await consuming().deliver([message], { attempts: 1, isGivenUp: true })).done).toEqual([message.id])
    expect(await whereabouts([message])).toEqual({ archived: [message.events[0]?.id], waiting: [bad.id] })
  })

  it('else becomes dead letters, but for what is archived already', async () => {
    const message = messageOf([good(), good()])
    const unknown = { ...message, model: 'nobody', events: [...message.events, good()] }
    const { deliver } = consuming()
    await deliver([message])
    await deliver([unknown], { attempts: 2, isGivenUp: true })
    const { archived, waiting } = await whereabouts([unknown])
    expect([archived, waiting]).toEqual([idsOf(message.events), [unknown.events[2].id]])
    expect((await lettersOf([unknown])).at(-1)).toMatchObject({ stage: 'deliver', code: 'unknown_model' })
  })

  it('that can never be worked off is kept as it is before the queue drops it', async () => {
    const message = messageOf([good()])
    const { deliver } = consuming({ owners: (real) => portAround(real, failing(['claim', 'sealed'])) })
    expect((await deliver([message], { attempts: 99, isGivenUp: true })).again).toEqual([message.id])
    expect((await deliver([message], { attempts: 100, isGivenUp: true })).done).toEqual([message.id])
    const [letter] = await letters.get([letterId(message.id, '')], soon())
    expect(letter).toMatchObject({ stage: 'deliver', message: 'not worked off in 100 deliveries' })
    const bytes = 'bytes' in letter.payload ? letter.payload.bytes : undefined
    expect(decodeEventMessage(new TextDecoder().decode(bytes))).toEqual(message)
  })
})

describe('a message that was sealed', () => {
  it('is not written again, nor counted', async () => {
    const message = messageOf([good()])
    const { deliver, mark } = consuming()
    await deliver([message])
    await env.ARCHIVE.delete(archiveKey(message.id, message.receivedAt))
    await eventOwnersClient(env.EVENT_OWNERS, 4, systemTimers).seal([message.id], soon())
    expect((await deliver([message], { attempts: 2 })).done).toEqual([message.id])
    expect(await linesIn(message)).toEqual([])
    expect(await countedUnder(mark)).toBe(1)
  })
})

describe('an event that comes again', () => {
  it('in another message is dropped for a day, and another event after that', async () => {
    const start = Date.UTC(2038, 6, 1)
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    const event = good()
    const { deliver } = consuming()
    const first = messageOf([event])
    await deliver([first])
    vi.setSystemTime(start + 86_400_000 - 1)
    const second = messageOf([event])
    await deliver([second])
    vi.setSystemTime(start + 86_400_000)
    const third = messageOf([event])
    await deliver([third])
    expect((await Promise.all([first, second, third].map(linesIn))).map(({ length }) => length)).toEqual([1, 0, 1])
  })

  it('asks each owner object once for a whole batch', async () => {
    const calls: string[] = []
    const own: Around = { before: async (method) => void calls.push(method) }
    const { deliver } = consuming({ owners: (real) => portAround(real, own) })
    await deliver(Array.from({ length: 20 }, () => messageOf([good(), good()])))
    expect(calls).toEqual(['claim'])
  })
})
