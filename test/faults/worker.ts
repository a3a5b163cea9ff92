/** The worker under test: what src/index.ts exports, on bindings that get wrong what the runner orders. */
import { env as bindings } from 'cloudflare:workers'
import { StatsAggregator as RealStatsAggregator } from '../../src/durable/stats-aggregator.ts'
import { createApp } from '../../src/http/app.ts'
import type { Services } from '../../src/http/services.ts'
import { consumerFor, createQueue } from '../../src/queue/consume-events.ts'
import { BoundDeadLetters, BoundEventOwners, createServices } from '../../src/services.ts'
import { FaultyRuntime } from '../support/faulty-runtime.ts'
import { CONTROL_PATH, type FaultState, type Orders, type SessionFaults, type Side } from './fault-plan.ts'
import { Faults } from './worker-faults.ts'

export { BoundReleaseController as ReleaseController, BoundWatch as Watch } from '../../src/services.ts'

const faults = new Faults()
/** What the real queue took, and the ids of the messages that were acknowledged. */
const texts: string[] = []
const done = new Set<string>()
let retried = 0

const realNow = Date.now
let skewMilliseconds = 0
// The clock of the machine jumps for all that runs here, the objects too; the monotonic one does not.
Date.now = () => realNow() + skewMilliseconds

/** The queue, which also notes what it took. */
const notedQueue = (real: Queue): Queue =>
  new Proxy(real, {
    get: (queue, name) => {
      if (name !== 'sendBatch') return Reflect.get(queue, name)
      return async (batch: Parameters<Queue['sendBatch']>[0]) => {
        const messages = [...batch]
        const sent = await queue.sendBatch(messages)
        texts.push(...messages.map(({ body }) => String(body)))
        return sent
      }
    },
  })

interface Isolate {
  readonly services: Services
  readonly runtime: FaultyRuntime
}

const isolates = new Map<Side, Isolate>()
let sessionFaults: SessionFaults = {}

const order = (runtime: FaultyRuntime): void => {
  const { areNaN = false, areBroken = false, startFails = false } = sessionFaults
  runtime.isNaNNow = areNaN
  runtime.startFails = startFails
  if (areBroken) runtime.breakSessions()
}

/** The services of one side, made anew when it was renewed: on the platform the two are different isolates. */
const isolateOf = (side: Side): Isolate => {
  const known = isolates.get(side)
  if (known !== undefined) return known
  const real = bindings as Env
  const env: Env = {
    ...real,
    // By it the statistics tell who counted.
    CODE_VERSION: { ...real.CODE_VERSION, id: side },
    ZIP_FEATURES: faults.binding(real.ZIP_FEATURES, 'ZIP_FEATURES', side),
    RELEASES: faults.binding(real.RELEASES, 'RELEASES', side),
    MODELS: faults.binding(real.MODELS, 'MODELS', side),
    ARCHIVE: faults.binding(real.ARCHIVE, 'ARCHIVE', side),
    EVENTS: faults.binding(notedQueue(real.EVENTS), 'EVENTS', side),
    STATS_AGGREGATOR: faults.namespace(real.STATS_AGGREGATOR, 'STATS_AGGREGATOR', side),
    EVENT_OWNERS: faults.namespace(real.EVENT_OWNERS, 'EVENT_OWNERS', side),
    DEAD_LETTERS: faults.namespace(real.DEAD_LETTERS, 'DEAD_LETTERS', side),
  }
  let runtime: FaultyRuntime | undefined
  const services = createServices(env, {
    runtime: (inner) => {
      runtime = new FaultyRuntime(inner)
      order(runtime)
      return runtime
    },
    events: (port) => faults.binding(port, 'archive port', side),
  })
  if (runtime === undefined) throw new Error('the services asked for no runtime')
  const isolate = { services, runtime }
  isolates.set(side, isolate)
  return isolate
}

const obey = ({ faults: given, sessions, skewMilliseconds: skew, renews = false }: Orders): void => {
  if (given !== undefined) faults.set(given)
  if (sessions !== undefined) sessionFaults = sessions
  if (skew !== undefined) skewMilliseconds = skew
  if (renews) isolates.clear()
  if (sessions !== undefined) for (const { runtime } of isolates.values()) order(runtime)
}

const stateNow = (): FaultState => ({ injected: faults.injected, sent: texts.length, done: done.size, retried, texts })

const app = createApp(() => isolateOf('fetch').services)
const consume = createQueue(() => consumerFor(isolateOf('queue').services))

/** The batch with verdicts that may go wrong. What a handler acknowledged that then failed is delivered again (miniflare, 2026-11). */
const watched = (batch: MessageBatch, acknowledged: string[]): MessageBatch => {
  const give = (verdict: () => void): void => {
    if (faults.due({ target: 'verdict', method: 'give', side: 'queue' }) !== undefined) {
      throw new TypeError('the handler of the queue threw')
    }
    verdict()
  }
  return {
    queue: batch.queue,
    metadata: batch.metadata,
    messages: batch.messages.map((message) => ({
      id: message.id,
      timestamp: message.timestamp,
      body: message.body,
      attempts: message.attempts,
      ack: () =>
        give(() => {
          message.ack()
          acknowledged.push(message.id)
        }),
      retry: (options) =>
        give(() => {
          message.retry(options)
          retried++
        }),
    })),
    ackAll: () => batch.ackAll(),
    retryAll: (options) => batch.retryAll(options),
  }
}

export class StatsAggregator extends RealStatsAggregator {
  override apply(value: unknown): ReturnType<RealStatsAggregator['apply']> {
    return faults.restarting(this.ctx, 'STATS_AGGREGATOR', 'apply', () => super.apply(value))
  }

  override applyMany(values: readonly unknown[]): ReturnType<RealStatsAggregator['applyMany']> {
    return faults.restarting(this.ctx, 'STATS_AGGREGATOR', 'applyMany', () => super.applyMany(values))
  }
}

export class EventOwners extends BoundEventOwners {
  override claim(value: unknown): ReturnType<BoundEventOwners['claim']> {
    return faults.restarting(this.ctx, 'EVENT_OWNERS', 'claim', () => super.claim(value))
  }

  override handOver(value: unknown): ReturnType<BoundEventOwners['handOver']> {
    return faults.restarting(this.ctx, 'EVENT_OWNERS', 'handOver', () => super.handOver(value))
  }
}

export class DeadLetters extends BoundDeadLetters {
  override keep(...given: Parameters<BoundDeadLetters['keep']>): ReturnType<BoundDeadLetters['keep']> {
    return faults.restarting(this.ctx, 'DEAD_LETTERS', 'keep', () => super.keep(...given))
  }
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== CONTROL_PATH) return app.fetch(request, env, ctx)
    if (request.method === 'POST') obey((await request.json()) as Orders)
    return Response.json(stateNow())
  },
  async queue(batch, env, ctx) {
    const acknowledged: string[] = []
    await consume(watched(batch, acknowledged), env, ctx)
    for (const id of acknowledged) done.add(id)
  },
} satisfies ExportedHandler<Env>
