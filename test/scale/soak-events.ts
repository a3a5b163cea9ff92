/** The events of the soak: seeded, each with a key by which it is found wherever it ends. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../bench/random.ts'
import { ROOT } from '../../bench/root.ts'
import type { SeedEntry } from '../../bench/traffic.ts'

/** Where in an event its key stands. */
export const KEY_FIELD = 'soak_key'

/** The whole zip store. */
export const readPacks = (): readonly SeedEntry[] =>
  JSON.parse(readFileSync(join(ROOT, 'kv-seed', 'zips.json'), 'utf8')) as SeedEntry[]

export const zipsIn = (packs: readonly SeedEntry[]): readonly string[] =>
  packs.flatMap(({ value }) => Object.keys((JSON.parse(value) as { zips: object }).zips))

/** How an event is not right; `ts` is what a replay can mend. */
export type Damage = 'ts' | 'seconds' | 'no time'

/** Mends what has its time in seconds, under another name or not. */
export const FIXES = [
  { op: 'rename', from: 'ts', to: 'createdDateTime' },
  { op: 'cast', path: 'createdDateTime', to: 'epoch_milliseconds', unit: 's' },
] as const

const VISITORS = 20_000
const DAY_MILLISECONDS = 86_400_000
/** Events are up to so old. */
const AGE_DAYS = 300
/** More than a message takes. */
const LARGE_BYTES = 101_000
const LARGE_SPREAD_BYTES = 60_000
const PAGES = ['/', '/search', '/item', '/basket', '/pay']

export interface EventMaker {
  /** JSON text. Without a `key` it is nobody's: for answers at once. */
  event(key: number | null, damage?: Damage): string
  large(key: number): string
  /** Neither an id nor a time of its own: it has no identity, and counts as often as it is sent. */
  nameless(key: number): string
}

/** `now`: epoch milliseconds. `run` keeps the ids of one run apart from those of another. */
export const eventMaker = (random: Random, zips: readonly string[], now: number, run: string): EventMaker => {
  const zip = (): unknown =>
    random.chance(0.03)
      ? random.pick(['', 'SW1A 1AA', 99_999, null])
      : random.chance(0.1)
        ? Number(random.pick(zips))
        : random.pick(zips)
  const time = (): number => now - random.below(AGE_DAYS * DAY_MILLISECONDS)
  const instantOf = (milliseconds: number): unknown =>
    random.chance(0.2) ? new Date(milliseconds).toISOString() : random.chance(0.1) ? String(milliseconds) : milliseconds
  const timeOf = (damage: Damage | undefined): object => {
    const milliseconds = time()
    if (damage === 'no time') return {}
    if (damage === 'ts') return { ts: Math.floor(milliseconds / 1_000) }
    if (damage === 'seconds') return { createdDateTime: Math.floor(milliseconds / 1_000) }
    return { createdDateTime: instantOf(milliseconds) }
  }
  const record = (key: number | null, damage: Damage | undefined): Record<string, unknown> => ({
    ...timeOf(damage),
    zipCode: zip(),
    session_id: `v-${random.below(VISITORS)}`,
    page: random.pick(PAGES),
    ...(key !== null && { [KEY_FIELD]: key }),
    ...(random.chance(0.1) && { sent_at: new Date(now + random.below(1_000)).toISOString() }),
  })
  const withId = (key: number, fields: Record<string, unknown>): object => {
    const id = `${run}-${key}`
    const form = random.below(3)
    if (form === 0) return { _index: 'sessions', _id: id, _source: fields }
    // Without one it is known by what it says, its key included.
    return form === 1 ? { ...fields, event_id: id } : fields
  }
  return {
    event: (key, damage) => {
      const fields = record(key, damage)
      return JSON.stringify(key === null ? fields : withId(key, fields))
    },
    large: (key) => {
      const text = 'x'.repeat(LARGE_BYTES + random.below(LARGE_SPREAD_BYTES))
      return JSON.stringify({ ...record(key, undefined), event_id: `${run}-${key}`, text })
    },
    nameless: (key) => JSON.stringify({ ...record(key, undefined), createdDateTime: 'now' }),
  }
}
