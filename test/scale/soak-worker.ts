/** The worker of the soak: what src/index.ts exports, which also tells what its isolate, its objects and its bucket hold. */
import { env as bindings } from 'cloudflare:workers'
import { shardName } from '../../src/adapters/ask-shards.ts'
import { DEAD_LETTERS_NAME } from '../../src/adapters/dead-letters-client.ts'
import { ownerShardName } from '../../src/adapters/event-owners-client.ts'
import { wasmMemoryBytes } from '../../src/adapters/onnx-runtime.ts'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { createArchiveTender } from '../../src/archive-services.ts'
import { parseConfig } from '../../src/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import { EventOwners as RealEventOwners } from '../../src/durable/event-owners.ts'
import { StatsAggregator as RealStatsAggregator } from '../../src/durable/stats-aggregator.ts'
import { createApp } from '../../src/http/app.ts'
import type { Services } from '../../src/http/services.ts'
import { consumerFor, createQueue } from '../../src/queue/consume-events.ts'
import { createScheduled } from '../../src/queue/scheduled.ts'
import { BoundDeadLetters, BoundReleaseController, BoundWatch, createServices } from '../../src/services.ts'
import type { EventQueue } from '../../src/serving/ports/event-queue.ts'
import { WATCH_NAME } from '../../src/serving/ports/watch-duties.ts'
import {
  CENSUS_PATH,
  type Census,
  ID_WINDOW_SECONDS,
  LAG_PATH,
  type Lag,
  type ObjectCensus,
  type PrefixCensus,
} from './soak-census.ts'

/** The hour of now looks so long over to the cron trigger that it joins it. */
const AHEAD_MILLISECONDS = 2 * 3_600_000
/** From the seal to the joining: a consumer that has begun is done by then. */
const GRACE_MILLISECONDS = 15_000
const LETTER_MILLISECONDS = 58 * 86_400_000
/** In a minute there is more to join than a deployment has in an hour. */
const JOIN_LIMITS = { graceMilliseconds: GRACE_MILLISECONDS, sealed: 20_000, pages: 25 }
const COMPACT_LIMITS = { reads: 50_000 }

let sent = 0
let done = 0

/** Of the tables that the object itself has made. */
const censusOf = (sql: SqlStorage): ObjectCensus => {
  const query = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`
  const names = [...sql.exec<{ name: string }>(query)].map(({ name }) => name)
  const rowsOf = (name: string): number =>
    sql.exec<{ rows: number }>(`SELECT count(*) AS rows FROM "${name}"`).one().rows
  return { bytes: sql.databaseSize, rows: Object.fromEntries(names.map((name) => [name, rowsOf(name)])) }
}

export class StatsAggregator extends RealStatsAggregator {
  census(): ObjectCensus {
    return censusOf(this.ctx.storage.sql)
  }
}

export class ReleaseController extends BoundReleaseController {
  census(): ObjectCensus {
    return censusOf(this.ctx.storage.sql)
  }
}

export class Watch extends BoundWatch {
  census(): ObjectCensus {
    return censusOf(this.ctx.storage.sql)
  }
}

export class DeadLetters extends BoundDeadLetters {
  census(): ObjectCensus {
    return censusOf(this.ctx.storage.sql)
  }
}

/** As they are bound in src/services.ts, but for the window: its variable does not go below a minute. */
export class EventOwners extends RealEventOwners {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { windowMilliseconds: ID_WINDOW_SECONDS * 1_000, letterMilliseconds: LETTER_MILLISECONDS })
  }

  /** Ids that are remembered for longer than the window are those of dead letters. */
  census(): ObjectCensus {
    const { sql } = this.ctx.storage
    const { bytes, rows } = censusOf(sql)
    const later = Date.now() + ID_WINDOW_SECONDS * 1_000
    const query = 'SELECT count(*) AS rows FROM owners WHERE forget_at > ?'
    const ofLetters = sql.exec<{ rows: number }>(query, later).one().rows
    return { bytes, rows: { ...rows, owners: (rows.owners ?? 0) - ofLetters, owners_of_letters: ofLetters } }
  }
}

interface Counted {
  census(): Promise<ObjectCensus>
}

const inAll = async (namespace: unknown, names: readonly string[]): Promise<ObjectCensus> => {
  const { getByName } = namespace as { getByName(name: string): Counted }
  const all = await Promise.all(names.map((name) => getByName.call(namespace, name).census()))
  const rows: Record<string, number> = {}
  for (const one of all) for (const [table, count] of Object.entries(one.rows)) rows[table] = (rows[table] ?? 0) + count
  return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), rows }
}

const inBucket = async (bucket: R2Bucket): Promise<Record<string, PrefixCensus>> => {
  const prefixes: Record<string, PrefixCensus> = {}
  let cursor: string | undefined
  do {
    const page: R2Objects = await bucket.list({ ...(cursor !== undefined && { cursor }) })
    for (const { key, size } of page.objects) {
      const prefix = key.slice(0, key.indexOf('/'))
      const { objects, bytes } = prefixes[prefix] ?? { objects: 0, bytes: 0 }
      prefixes[prefix] = { objects: objects + 1, bytes: bytes + size }
    }
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  return prefixes
}

const numbered = (count: number, name: (shard: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, shard) => name(shard))

const takeCensus = async (env: Env): Promise<Census> => {
  const { STATS_SHARDS, DEDUP_SHARDS } = parseConfig(env)
  const [statistics, owners, letters, controller, watch, archive] = await Promise.all([
    inAll(env.STATS_AGGREGATOR, numbered(STATS_SHARDS, shardName)),
    inAll(env.EVENT_OWNERS, numbered(DEDUP_SHARDS, ownerShardName)),
    inAll(env.DEAD_LETTERS, [DEAD_LETTERS_NAME]),
    inAll(env.RELEASE_CONTROLLER, servicesHere().releases.models()),
    inAll(env.WATCH, [WATCH_NAME]),
    inBucket(env.ARCHIVE),
  ])
  return {
    sent,
    done,
    wasmBytes: wasmMemoryBytes(),
    objects: { statistics, owners, letters, controller, watch },
    archive,
  }
}

const counting = (queue: EventQueue): EventQueue => ({
  async send(messages, deadline) {
    await queue.send(messages, deadline)
    sent += messages.length
  },
})

let services: Services | undefined
const servicesHere = (): Services => {
  services ??= createServices(bindings as Env, { queue: counting })
  return services
}

/** The batch, of which the acknowledged messages are counted. */
const watched = (batch: MessageBatch): MessageBatch => ({
  queue: batch.queue,
  metadata: batch.metadata,
  messages: batch.messages.map((message) => ({
    id: message.id,
    timestamp: message.timestamp,
    body: message.body,
    attempts: message.attempts,
    ack: () => {
      message.ack()
      done++
    },
    retry: (options) => message.retry(options),
  })),
  ackAll: () => batch.ackAll(),
  retryAll: (options) => batch.retryAll(options),
})

const ahead: Clock = { ...systemClock, epochMilliseconds: () => Date.now() + AHEAD_MILLISECONDS }

const app = createApp(servicesHere)
const consume = createQueue(() => consumerFor(servicesHere()))

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === LAG_PATH) return Response.json({ sent, done } satisfies Lag)
    if (pathname === CENSUS_PATH) return Response.json(await takeCensus(env))
    return app.fetch(request, env, ctx)
  },
  queue: (batch, env, ctx) => consume(watched(batch), env, ctx),
  scheduled: createScheduled((env) =>
    createArchiveTender(env as Env, {
      time: { clock: ahead, timers: systemTimers },
      joinLimits: JOIN_LIMITS,
      compactLimits: COMPACT_LIMITS,
    }),
  ),
} satisfies ExportedHandler<Env>
