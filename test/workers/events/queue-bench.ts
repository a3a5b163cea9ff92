/** Delivers messages to the real consumer on the real bindings, and reads back what became of their events. */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { deadLettersClient } from '../../../src/adapters/dead-letters-client.ts'
import { r2EventObjects } from '../../../src/adapters/r2-event-objects.ts'
import { statsAggregatorClient } from '../../../src/adapters/stats-aggregator-client.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { type Deadline, deadlineIn } from '../../../src/core/clock.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { type ArchiveLine, readArchiveLine } from '../../../src/protocol/archive-line.ts'
import { type EventMessage, encodeEventMessage, type QueuedEvent } from '../../../src/protocol/event-message.ts'
import { parseJson } from '../../../src/protocol/parse-json.ts'
import { archiveKey } from '../../../src/protocol/store-keys.ts'
import { consumerFor, createQueue, GIVEN_UP_QUEUE } from '../../../src/queue/consume-events.ts'
import { createServices, type Decorators } from '../../../src/services.ts'
import { linesOf } from '../../../src/serving/consumer/archive-object.ts'
import { LetterKeeper } from '../../../src/serving/letters/keep-letters.ts'
import { letterId } from '../../../src/serving/letters/letter-id.ts'
import type { DeadLetter, NewDeadLetter } from '../../../src/serving/ports/dead-letters.ts'

/** A Sunday, 21 o'clock UTC. */
export const TIME = 1731880381293
const newId = (): string => crypto.randomUUID()
export const soon = (): Deadline => deadlineIn(systemClock, 10_000)

const objects = r2EventObjects(env.ARCHIVE, systemTimers)
export const letters = deadLettersClient(env.DEAD_LETTERS, systemTimers)
const keeper = new LetterKeeper({
  letters,
  objects,
  clock: systemClock,
  timers: systemTimers,
  log: () => undefined,
  limits: { payloadBytes: 65_536, hourly: 1_000, deadlineMilliseconds: 5_000 },
})

export const queued = (record: JsonObject, over: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id: newId(),
  hasIdentity: true,
  receivedAt: Date.now(),
  sentAt: null,
  payload: { event: record },
  letter: null,
  prediction: null,
  ...over,
})

export const good = (over: Partial<QueuedEvent> = {}): QueuedEvent =>
  queued({ createdDateTime: TIME, zipCode: '94107' }, over)

/** It was accepted by other rules than hold now: it cannot be read any more. */
export const timeless = (over: Partial<QueuedEvent> = {}): QueuedEvent => queued({ zipCode: '94107' }, over)

export const messageOf = (events: readonly QueuedEvent[], over: Partial<EventMessage> = {}): EventMessage => ({
  format: 1,
  id: newId(),
  receivedAt: Date.now(),
  model: 'late-arrival',
  edgeZip: null,
  isBot: false,
  isOptedOut: false,
  traceparent: null,
  events,
  ...over,
})

/** What a delivery came to, by message id. */
export interface Delivered {
  readonly done: readonly string[]
  readonly again: readonly string[]
}

export interface Delivering {
  readonly attempts?: number
  readonly isGivenUp?: boolean
}

/** Statistics objects that only who knows `mark` counts in: in common ones there are more code versions than are told apart. */
const shardsOf = (mark: string) => ({
  getByName: (name: string) => env.STATS_AGGREGATOR.getByName(`${mark}-${name}`),
})

/** An isolate of its own, whose statistics are its own too, under `mark`. */
export const consuming = (decorators: Decorators = {}, mark = newId(), variables: object = {}) => {
  const services = createServices(
    { ...env, CODE_VERSION: { id: mark }, STATS_AGGREGATOR: shardsOf(mark), ...variables } as unknown as Env,
    decorators,
  )
  const queue = createQueue(
    () => consumerFor(services),
    () => undefined,
  )

  const deliverTexts = async (
    texts: readonly { readonly id: string; readonly body: unknown }[],
    { attempts = 1, isGivenUp = false }: Delivering = {},
  ): Promise<Delivered> => {
    const batch = createMessageBatch(
      isGivenUp ? GIVEN_UP_QUEUE : 'nearcast-events',
      texts.map(({ id, body }) => ({ id, timestamp: new Date(), attempts, body })),
    )
    const context = createExecutionContext()
    await queue(batch, env, context)
    const { explicitAcks, retryMessages } = await getQueueResult(batch, context)
    return { done: explicitAcks, again: retryMessages.map(({ msgId }) => msgId) }
  }

  const deliver = (messages: readonly EventMessage[], how: Delivering = {}): Promise<Delivered> =>
    deliverTexts(
      messages.map((message) => ({ id: message.id, body: encodeEventMessage(message) })),
      how,
    )

  return { services, deliver, deliverTexts, mark }
}

/** Events that the statistics count under `mark`. */
export const countedUnder = async (mark: string): Promise<number> => {
  const statistics = statsAggregatorClient(shardsOf(mark), 4, systemClock, systemTimers)
  const { code_versions } = await statistics.read('1h', soon())
  return code_versions[mark] ?? 0
}

/** The texts of the lines of a message's archive object; none where there is no object. */
export const linesIn = async ({ id, receivedAt }: EventMessage): Promise<readonly string[]> => {
  const bytes = await objects.get(archiveKey(id, receivedAt), soon())
  return bytes === null ? [] : [...(await linesOf(bytes)).values()]
}

export const archivedIn = async (message: EventMessage): Promise<readonly ArchiveLine[]> =>
  (await linesIn(message)).map((line) => {
    const read = readArchiveLine(parseJson(line))
    if (read === null) throw new Error(`no archived event: ${line}`)
    return read
  })

/** The dead letters of events, also those that wait in the bucket. */
export const lettersOf = async (messages: readonly EventMessage[]): Promise<readonly DeadLetter[]> => {
  await keeper.drain(soon())
  const ids = messages.flatMap(({ id, events }) => events.map((event) => event.letter ?? letterId(id, event.id)))
  return letters.get([...new Set(ids)], soon())
}

/** Where each event of `messages` is, as often as it is there: sorted ids. */
export const whereabouts = async (
  messages: readonly EventMessage[],
): Promise<{ readonly archived: readonly string[]; readonly waiting: readonly string[] }> => {
  const archived = (await Promise.all(messages.map(archivedIn))).flat().map(({ id }) => id)
  const waiting = (await lettersOf(messages)).flatMap(({ state, event }) => (state === 'waiting' ? [event ?? ''] : []))
  return { archived: archived.sort(), waiting: waiting.sort() }
}

export const idsOf = (events: readonly QueuedEvent[]): readonly string[] => events.map(({ id }) => id).sort()

/** What a replay tells the letter when its message is in the queue. */
export const beginReplay = async (id: string): Promise<void> => {
  await letters.begin([{ letter: id, events: [id] }], soon())
  await letters.move([id], 'replaying', soon())
}

/** A dead letter as ingest keeps it of an event that could not be read, being replayed. */
export const letterBeingReplayed = async (id: string): Promise<void> => {
  const letter: NewDeadLetter = {
    id,
    isPublic: false,
    stage: 'read',
    code: 'missing_time',
    message: 'no time',
    path: null,
    event: null,
    model: 'late-arrival',
    modelVersion: null,
    codeVersion: 'test',
    payload: { bytes: new TextEncoder().encode('{"zipCode":"94107"}'), isCut: false },
    receivedAt: Date.now(),
    sentAt: null,
    edgeZip: null,
    isBot: false,
    failedAt: Date.now(),
    attempts: 1,
  }
  await letters.keep([letter], soon())
  await beginReplay(id)
}
