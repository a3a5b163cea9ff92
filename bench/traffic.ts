/** The events every target is sent, the same ones in the same order, and what a right answer to them is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, seededRandom } from './random.ts'

const SEED = 20_241_117
const EVENTS = 4_096
const ZIPS = 200
/** 2024-01-01T00:00Z and the length of that year, milliseconds. */
const YEAR_START = 1_704_067_200_000
const YEAR_MILLISECONDS = 366 * 86_400_000

/** One entry of the KV seed: a pack of zips that share their first three digits. */
export interface SeedEntry {
  readonly key: string
  readonly value: string
}

export interface Traffic {
  /** JSON texts: by turns a flat event, which has no id, and an Elasticsearch hit, which has one. */
  readonly events: readonly string[]
  /** The packs that hold the zips of these events. */
  readonly packs: readonly SeedEntry[]
}

/** `count` packs spread evenly over the seed, which goes from New England to Alaska. */
const evenly = <T>(all: readonly T[], count: number): T[] =>
  Array.from({ length: Math.min(count, all.length) }, (_, index) => all[Math.floor((index * all.length) / count)] as T)

/** Ranks weighted by 1/rank (Zipf): some places send far more than others. */
const zipfPicker = (count: number): ((random: Random) => number) => {
  const cumulative = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1)
    cumulative[rank] = sum
  }
  return (random) => {
    const at = random.fraction() * sum
    return cumulative.findIndex((bound) => at < bound)
  }
}

/** In random order (Fisher, Yates), so that weight does not follow the map. */
const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1)
    ;[result[index], result[other]] = [result[other] as T, result[index] as T]
  }
  return result
}

export const makeTraffic = (root: string): Traffic => {
  const random = seededRandom(SEED)
  const packs = evenly(JSON.parse(readFileSync(join(root, 'kv-seed', 'zips.json'), 'utf8')) as SeedEntry[], ZIPS)
  const zips = shuffled(
    packs.map(({ value }) => random.pick(Object.keys((JSON.parse(value) as { zips: object }).zips))),
    random,
  )
  const pickRank = zipfPicker(zips.length)
  const identifier = (): string =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const events = Array.from({ length: EVENTS }, (_, index) => {
    const source = {
      createdDateTime: YEAR_START + random.below(YEAR_MILLISECONDS),
      zipCode: zips[pickRank(random)],
      session_id: `s-${identifier()}`,
    }
    const id = `${identifier()}-${identifier()}`
    return JSON.stringify(index % 2 === 0 ? source : { _index: 'sessions', _id: id, _source: source })
  })
  return { events, packs }
}

/** What a target does with an event. */
export type Service = 'predict' | 'echo'

/** Which version gave the prediction `body`; `undefined` where it names none. */
export const versionOf = (body: string): string | undefined => /"model_version":"([^"]*)"/.exec(body)?.[1]

interface Answered {
  readonly outputs?: Readonly<Record<string, unknown>>
  readonly warnings?: readonly string[]
}

/**
 * Why `body` is not a right answer to `event`; `undefined` when it is. A prediction is finite and in [0, 1], says nothing of its zip and
 * comes from the version that is released: had a store not answered in time, the work measured would not be the work promised.
 */
export const faultOf = (service: Service, event: string, status: number, body: string): string | undefined => {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`
  if (service === 'echo') return body === event ? undefined : `not the event that was sent: ${body.slice(0, 200)}`
  const { outputs, warnings } = JSON.parse(body) as Answered
  const values = Object.values(outputs ?? {})
  const sound = values.every((value) => typeof value === 'number' && value >= 0 && value <= 1)
  if (values.length === 0 || !sound) return `no probability: ${body.slice(0, 200)}`
  const isOther = (warning: string): boolean => warning.startsWith('zip') || warning === 'release_fallback'
  return warnings?.some(isOther) ? `flagged: ${warnings.join(', ')}` : undefined
}
