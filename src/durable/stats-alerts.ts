/** What alerts are judged by, for all their windows at once: of stretches that change no more a few numbers are kept in memory. */
import { alertCountsOf, mergeAlertCounts } from '../core/alerts/alert-counts.ts'
import { type AlertCountsReply, alertStretch } from '../core/alerts/alert-windows.ts'
import { type AlertCounts, NO_ALERT_COUNTS } from '../core/alerts/conditions.ts'
import { ALERT_WINDOWS, type AlertWindow } from '../core/alerts/rules.ts'
import { OTHER_VERSION } from '../core/statistics/counts.ts'
import { cover, LATENESS_MILLISECONDS, MINUTE, type Span } from '../core/statistics/rollup.ts'
import type { StatsStore } from './stats-store.ts'

/** One stored minute, hour or day. */
interface Unit {
  readonly span: Span
  readonly start: number
}
interface UnitCounts {
  readonly counts: AlertCounts
  readonly models: readonly string[]
}

const EMPTY: UnitCounts = { counts: NO_ALERT_COUNTS, models: [] }
const keyOf = ({ span, start }: Unit): string => `${span}/${start}`

export class StatsAlerts {
  /** Of what is settled, and was asked for the last time. */
  #settled = new Map<string, UnitCounts>()

  constructor(private readonly store: StatsStore) {}

  /** At `now`, epoch milliseconds: the same for all shards that are asked together. */
  read(now: number): Omit<AlertCountsReply, 'format'> {
    const { gathered } = this.store
    const unitsOf = (window: AlertWindow): Unit[] => {
      const { from, to } = alertStretch(window, now)
      return cover(from, to, gathered).flatMap(({ span, from: first, to: end }) =>
        Array.from({ length: (end - first) / span }, (_, index) => ({ span, start: first + index * span })),
      )
    }
    const units = new Map(ALERT_WINDOWS.map((window) => [window, unitsOf(window)]))
    const known = this.#load([...units.values()].flat())
    this.#keepSettled(known, now)
    const sum = (window: AlertWindow): AlertCounts =>
      (units.get(window) ?? [])
        .map((unit) => (known.get(keyOf(unit)) ?? EMPTY).counts)
        .reduce(mergeAlertCounts, NO_ALERT_COUNTS)
    const windows = Object.fromEntries(ALERT_WINDOWS.map((window) => [window, sum(window)]))
    const models = new Set([...known.values()].flatMap((unit) => unit.models))
    return { windows: windows as AlertCountsReply['windows'], models: [...models].sort() }
  }

  /** What each unit holds; those that hold nothing too. */
  #load(units: readonly Unit[]): ReadonlyMap<string, UnitCounts> {
    const loaded = new Map<string, UnitCounts>()
    const missing = new Map<Span, number[]>()
    for (const unit of units) {
      const key = keyOf(unit)
      if (loaded.has(key)) continue
      const settled = this.#settled.get(key)
      loaded.set(key, settled ?? EMPTY)
      if (settled === undefined) missing.set(unit.span, [...(missing.get(unit.span) ?? []), unit.start])
    }
    for (const [span, starts] of missing) {
      const wanted = new Set(starts)
      const from = Math.min(...starts)
      const to = Math.max(...starts) + span
      for (const { start, counts } of this.store.each({ span, from, to })) {
        if (!wanted.has(start)) continue
        const key = keyOf({ span, start })
        const before = loaded.get(key) ?? EMPTY
        const models = Object.keys(counts.versions).flatMap((version) =>
          version === OTHER_VERSION ? [] : [version.slice(0, version.lastIndexOf('@'))],
        )
        loaded.set(key, {
          counts: mergeAlertCounts(before.counts, alertCountsOf(counts)),
          models: [...new Set([...before.models, ...models])],
        })
      }
    }
    return loaded
  }

  /** Hours and days are written once; a minute changes until no delta can come for it. */
  #keepSettled(known: ReadonlyMap<string, UnitCounts>, now: number): void {
    const isSettled = (key: string): boolean => {
      const [span, start] = key.split('/').map(Number)
      return span !== MINUTE || (start ?? now) + MINUTE + LATENESS_MILLISECONDS <= now
    }
    this.#settled = new Map([...known].filter(([key]) => isSettled(key)))
  }
}
