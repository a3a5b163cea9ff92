/** A second of many isolates: how often each shard is called, with how much, and how many shards that wants. */
import { shardOf } from '../../src/adapters/stats-aggregator-client.ts'
import { FieldBinner } from '../../src/core/drift/field-binner.ts'
import type { ProfileField } from '../../src/core/profile/reference-profile.ts'
import { PROBABILITY_LAYOUT } from '../../src/core/statistics/bin-counts.ts'
import { Observer } from '../../src/serving/observe.ts'
import { seededRandom } from '../../src/training/random.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** What one Durable Object is trusted with: a fifth of the 1,000 requests a second that Cloudflare names as its soft limit (read 2026-11). */
export const MOST_CALLS_PER_SECOND = 200

export interface IsolateFigures {
  /** Of one isolate. */
  readonly callsPerSecond: number
  /** Bytes of JSON in one call; a mean, and the greatest. */
  readonly meanBytes: number
  readonly mostBytes: number
}

/** Fields of ordinary profiles: of each a number in a row is counted in one of its bins. */
const binnerOf = (fields: number): FieldBinner => {
  const profile = Array.from({ length: fields }, (_, field): ProfileField => {
    const edges = Array.from({ length: 19 }, (_, edge) => edge)
    return { name: `field_${field}`, kind: 'continuous', range: null, counts: [], missing: [], edges }
  })
  return new FieldBinner(
    profile,
    profile.map(({ name }) => name),
  )
}

/** One isolate that answers `eventsPerSecond` events, each a request, for `seconds`, on a clock of its own. */
export const followIsolate = async (
  seed: number,
  { eventsPerSecond, seconds, fields }: { eventsPerSecond: number; seconds: number; fields: number },
): Promise<IsolateFigures> => {
  const random = seededRandom(seed)
  const clock = new ManualClock()
  const sizes: number[] = []
  const observer = new Observer(
    {
      statistics: {
        send: async (delta) => {
          sizes.push(JSON.stringify(delta).length)
          return []
        },
        read: () => Promise.reject(new Error('nobody reads here')),
      },
      clock,
      timers: clock,
      randomId: () => `isolate-${seed}`,
      layoutOf: () => PROBABILITY_LAYOUT,
    },
    { codeVersion: 'scale', intervalMilliseconds: 1_000, deadlineMilliseconds: 2_000, giveUpMilliseconds: 720_000 },
  )
  const binner = binnerOf(fields)
  const numbers = new Float64Array(fields)
  const background = (work: Promise<unknown>): void => void work
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    for (let event = 0; event < eventsPerSecond / 10; event++) {
      for (let field = 0; field < fields; field++) numbers[field] = random() * 20
      const row = { binner, numbers, row: 0 }
      const outputs = { late_probability: random() }
      const flags = random() < 0.05 ? ['zip_unknown'] : []
      observer.prediction({ model: 'late-arrival', version: '1.0.0', outputs, flags, fields: row })
      observer.zipLookup('memory')
      observer.request('predict', 200)
      if (random() < 1 / 16) {
        const stages = ['parse', 'zip', 'features', 'infer'].map((name) => ({
          ...{ name, duration: { known: true, milliseconds: 0.05 + random() } as const },
        }))
        const duration = { known: true, milliseconds: 2 + 4 * random() } as const
        observer.latency({ model: 'late-arrival', version: '1.0.0', duration, weight: 16, stages })
      }
      observer.afterAnswer(background)
    }
    await clock.advance(100)
  }
  const sum = sizes.reduce((total, size) => total + size, 0)
  return {
    callsPerSecond: sizes.length / seconds,
    meanBytes: Math.round(sum / Math.max(1, sizes.length)),
    mostBytes: Math.max(0, ...sizes),
  }
}

/** Calls a second of the busiest of `shards`, when each of `isolates` random ids makes `callsPerSecond`. */
export const busiestShard = (isolates: number, shards: number, callsPerSecond: number, seed: number): number => {
  const random = seededRandom(seed)
  const calls = new Map<string, number>()
  for (let isolate = 0; isolate < isolates; isolate++) {
    const id = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
    const shard = shardOf(id, shards)
    calls.set(shard, (calls.get(shard) ?? 0) + callsPerSecond)
  }
  return Math.max(0, ...calls.values())
}

/** The fewest shards of which none is called more often than it may be, for every one of `seeds`. */
export const shardsFor = (isolates: number, callsPerSecond: number, seeds: readonly number[]): number => {
  const isEnough = (shards: number): boolean =>
    seeds.every((seed) => busiestShard(isolates, shards, callsPerSecond, seed) <= MOST_CALLS_PER_SECOND)
  let shards = Math.max(1, Math.ceil((isolates * callsPerSecond) / MOST_CALLS_PER_SECOND))
  while (!isEnough(shards)) shards++
  return shards
}
