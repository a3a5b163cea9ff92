/** What the alerts say of a healthy service in the simulated year: counts each five minutes, judged by the product's own rules. */
import { type ActiveAlert, advanceAlerts } from '../../src/core/alerts/advance.ts'
import { type AlertCounts, judgeConditions, NO_ALERT_COUNTS } from '../../src/core/alerts/conditions.ts'
import { ALERT_WINDOWS, type AlertWindow } from '../../src/core/alerts/rules.ts'
import { Dice } from '../unit/drift/dice.ts'

/** Shares of a healthy service: failures a tenth of the budget, one in 300 requests over 100 ms, one zip in a hundred unknown. */
export const HEALTHY = { failures: 1e-4, slow: 1 / 300, unknownZips: 0.01, zipStoreFailures: 1e-4 } as const

const SLOTS_PER_HOUR = 12
const SLOT_MILLISECONDS = 300_000
const SLOTS: { readonly [window in AlertWindow]: number } = {
  '5m': 1,
  '10m': 2,
  '15m': 3,
  '30m': 6,
  '1h': 12,
  '6h': 72,
  '1d': 288,
  '3d': 864,
}
type Counted = Omit<AlertCounts, 'loadFailures'>
const { loadFailures: _, ...NONE } = NO_ALERT_COUNTS
const KEYS = Object.keys(NONE) as (keyof Counted)[]
const combine = (a: Counted, b: Counted, sign: 1 | -1): Counted =>
  Object.fromEntries(KEYS.map((key) => [key, a[key] + sign * b[key]])) as unknown as Counted

export class HealthyService {
  readonly #dice: Dice
  /** Sums from the beginning, slot by slot. */
  readonly #sums: Counted[] = [NONE]
  #active: readonly ActiveAlert[] = []
  /** Alerts that fired, by severity. */
  readonly fired = { page: 0, ticket: 0 }

  constructor(seed: number) {
    this.#dice = new Dice(seed + 40_000)
  }

  /** An hour of `events`, evaluated each five minutes from `startsAt`, epoch ms. */
  hour(events: number, startsAt: number): void {
    for (let slot = 0; slot < SLOTS_PER_HOUR; slot++) {
      const size = Math.round((events * (slot + 1)) / SLOTS_PER_HOUR) - Math.round((events * slot) / SLOTS_PER_HOUR)
      this.#count(size)
      this.#judge(startsAt + (slot + 1) * SLOT_MILLISECONDS)
    }
  }

  #count(events: number): void {
    const draw = (share: number): number => this.#dice.binomial(events, share)
    const counts: Counted = {
      ...{ events, failures: draw(HEALTHY.failures), timed: events, fast: events - draw(HEALTHY.slow) },
      ...{ zips: events, unknownZips: draw(HEALTHY.unknownZips), zipStoreFailures: draw(HEALTHY.zipStoreFailures) },
      lost: 0,
    }
    this.#sums.push(combine(this.#sums.at(-1) ?? NONE, counts, 1))
  }

  #judge(now: number): void {
    const last = this.#sums.length - 1
    const windowOf = (window: AlertWindow): AlertCounts => ({
      ...combine(this.#sums[last], this.#sums[Math.max(0, last - SLOTS[window])], -1),
      loadFailures: [],
    })
    const windows = Object.fromEntries(ALERT_WINDOWS.map((window) => [window, windowOf(window)]))
    const conditions = judgeConditions({
      windows,
      ...{ shards: { asked: 4, answered: 4 }, deadLetters: 0, drifted: [], rollbacks: [], zipData: null },
    })
    const { active, transitions } = advanceAlerts(this.#active, conditions, now)
    this.#active = active
    for (const { to, severity } of transitions) if (to === 'firing') this.fired[severity]++
  }
}
