/**
 * What a traffic costs a month, on paper, and which limits bind: written into docs/architecture.md by `npx node bench/cost.ts --write`. Nothing here was
 * measured in production; CPU is that of the committed bench, the rest is counted in calls and rows that the code makes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { count, table, withBlock } from './figures.ts'
import { type Results, readResults } from './results.ts'
import { ROOT } from './root.ts'

export const COST_PAGE = 'docs/architecture.md'
export const COST_BLOCK = 'cost'

/** US dollars, Workers Paid, beyond what is included (Cloudflare's pricing pages of Workers, KV, R2, Queues and Durable Objects, read 2026-11). */
const PRICES = {
  plan: 5,
  millionRequests: 0.3,
  millionCpuMilliseconds: 0.02,
  millionObjectCalls: 0.15,
  /** Of an object that is awake: 128 MB. */
  millionGigabyteSeconds: 12.5,
  millionRowsWritten: 1,
  millionKvReads: 0.5,
  millionQueueOperations: 0.4,
  millionR2Writes: 4.5,
}
const MONTH_SECONDS = 30 * 86_400
const OBJECT_GIGABYTES = 0.128

/** Assumed, since it is the platform's own affair: how many events a second an isolate gets. */
const EVENTS_PER_ISOLATE = 50
/** Each isolate calls once a second, and a shard is trusted with so many calls (`npm run isolates`). */
const CALLS_PER_SHARD = 200
/** Skew of hashing isolates to shards: the busiest of six has 197 of 1,000 calls where the mean is 167. */
const SKEW = 1.18
/** Of a call of the statistics: the minute of a version and of what is shared, the isolate, every fifth second a point. */
const ROWS_PER_CALL = 3.2
const PACKS = 930
const REFRESH_SECONDS = 3_600
/** Of the other way, through the queue: events of a beacon's batch, which is one message and one object of the archive. */
const EVENTS_PER_MESSAGE = 10
/** Written, read, deleted; messages are smaller than 64 KB. */
const OPERATIONS_PER_MESSAGE = 3
const MESSAGES_PER_BATCH = 20
/** The owner of an id is written, and deleted a day later. */
const ROWS_PER_EVENT = 2
/** Cloudflare Queues, "Limits", read 2026-11. */
const MESSAGES_PER_SECOND_OF_A_QUEUE = 5_000

export const TRAFFICS = [50, 1_000, 10_000, 100_000, 1_000_000] as const

const monthly = (perSecond: number, million: number): number => ((perSecond * MONTH_SECONDS) / 1e6) * million
const awake = (objects: number): number =>
  ((objects * OBJECT_GIGABYTES * MONTH_SECONDS) / 1e6) * PRICES.millionGigabyteSeconds

export interface Cost {
  readonly isolates: number
  readonly shards: number
  /** Dollars a month of `POST /v1/predict`, an event a request. */
  readonly predicting: number
  /** Of `POST /v1/events`, ten events a request, predicted and archived. */
  readonly storing: number
  /** Messages a second in the queue. */
  readonly messages: number
}

/** Of `events` a second, each of which takes `cpuMilliseconds` of the worker. */
export const costOf = (events: number, cpuMilliseconds: number): Cost => {
  const isolates = Math.max(1, Math.ceil(events / EVENTS_PER_ISOLATE))
  const shards = Math.max(1, Math.ceil((isolates * SKEW) / CALLS_PER_SHARD))
  const statistics =
    monthly(isolates, PRICES.millionObjectCalls) +
    monthly(isolates * ROWS_PER_CALL, PRICES.millionRowsWritten) +
    awake(shards)
  const zips = monthly((isolates * PACKS) / REFRESH_SECONDS, PRICES.millionKvReads)
  const cpu = monthly(events * cpuMilliseconds, PRICES.millionCpuMilliseconds)
  const messages = events / EVENTS_PER_MESSAGE
  const calls = messages / MESSAGES_PER_BATCH
  return {
    isolates,
    shards,
    predicting: PRICES.plan + monthly(events, PRICES.millionRequests) + cpu + statistics + zips,
    storing:
      PRICES.plan +
      monthly(messages, PRICES.millionRequests) +
      // Taken in, and predicted by the consumer.
      2 * cpu +
      monthly(messages * OPERATIONS_PER_MESSAGE, PRICES.millionQueueOperations) +
      monthly(messages, PRICES.millionR2Writes) +
      monthly(calls * shards, PRICES.millionObjectCalls) +
      monthly(events * ROWS_PER_EVENT, PRICES.millionRowsWritten) +
      statistics +
      zips +
      awake(shards),
    messages,
  }
}

const dollars = (amount: number): string => `$${count(Number(amount.toPrecision(2)))}`

export const renderCost = (results: Results): string => {
  const fixed = results.shapes.find(({ shape }) => Reflect.get(shape, 'connections') === 32)
  const cpu = fixed?.targets.nearcast?.cpuMicroseconds?.median
  if (cpu === undefined) throw new Error('the results have no CPU of a request')
  const rows = TRAFFICS.map((events) => {
    const { isolates, shards, predicting, storing, messages } = costOf(events, cpu / 1_000)
    const queues = Math.ceil(messages / MESSAGES_PER_SECOND_OF_A_QUEUE)
    return [count(events), count(isolates), count(shards), dollars(predicting), dollars(storing), count(queues)]
  })
  const head = [
    'events/s',
    'isolates',
    'statistics shards',
    '`/v1/predict`, a month',
    '`/v1/events`, a month',
    'queues wanted',
  ]
  return [
    `On paper, by \`npx node bench/cost.ts --write\`: an event a request and ${cpu.toFixed(0)} µs of CPU each (the bench above), ${EVENTS_PER_ISOLATE} events a second for each isolate; to \`/v1/events\` ${EVENTS_PER_MESSAGE} events a request. List prices beyond what is included, read 2026-11; what is stored, and logs, are not in it.`,
    table(head, rows),
  ].join('\n\n')
}

export const writeCost = (results: Results): void => {
  const page = join(ROOT, COST_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderCost(results), COST_BLOCK))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
  const results = readResults()
  console.log(renderCost(results))
  if (values.write) writeCost(results)
}
