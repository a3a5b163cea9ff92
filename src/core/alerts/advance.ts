/** The life of an alert: pending, firing, resolved; one by name and labels, and none resolved before it was clean for a while. */
import type { Condition, Conditions } from './conditions.ts'
import { ALERT_RULES } from './rules.ts'

export interface ActiveAlert extends Condition {
  readonly state: 'pending' | 'firing'
  /** Epoch milliseconds: when its condition began to hold, when it fired, and since when it is clean again. */
  readonly since: number
  readonly firedAt: number | null
  readonly cleanSince: number | null
}

export interface AlertTransition extends Condition {
  readonly to: 'firing' | 'resolved'
  readonly at: number
}

export interface AlertLimits {
  /** How long a firing alert must be clean before it is resolved, so that one that comes and goes rings once. */
  readonly cleanMilliseconds: number
  /** The most that are active at once; further tickets wait for room. Pages do not: there are only as many as there are rules. */
  readonly active: number
}

export const ALERT_LIMITS: AlertLimits = { cleanMilliseconds: 300_000, active: 200 }

/** What makes two alerts the same, whatever the order of their labels. */
export const alertKey = ({ name, labels }: Pick<Condition, 'name' | 'labels'>): string =>
  JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])

const isUnknown = (alert: ActiveAlert, unknown: Conditions['unknown']): boolean =>
  unknown.some(
    ({ name, labels }) =>
      name === alert.name && (labels === undefined || alertKey({ name, labels }) === alertKey(alert)),
  )

const fire = (alert: ActiveAlert, now: number): ActiveAlert =>
  alert.state === 'pending' && now - alert.since >= ALERT_RULES[alert.name].forMilliseconds
    ? { ...alert, state: 'firing', firedAt: now }
    : alert

/**
 * The alerts after an evaluation at `now` (epoch milliseconds), and what changed. What is unknown stays as it was: it neither fires nor is
 * resolved, and the clean time begins anew after it. A pending alert that is clean is dropped without a word.
 */
export const advanceAlerts = (
  active: readonly ActiveAlert[],
  { holding, unknown }: Conditions,
  now: number,
  limits: AlertLimits = ALERT_LIMITS,
): { readonly active: readonly ActiveAlert[]; readonly transitions: readonly AlertTransition[] } => {
  const held = new Map(holding.map((condition) => [alertKey(condition), condition]))
  const next: ActiveAlert[] = []
  const transitions: AlertTransition[] = []
  const keep = (before: ActiveAlert): void => {
    const alert = fire(before, now)
    next.push(alert)
    if (alert !== before) transitions.push({ ...conditionOf(alert), to: 'firing', at: now })
  }
  for (const alert of active) {
    const key = alertKey(alert)
    const condition = held.get(key)
    held.delete(key)
    if (condition !== undefined) keep({ ...alert, ...condition, cleanSince: null })
    else if (isUnknown(alert, unknown)) next.push({ ...alert, cleanSince: null })
    else if (alert.state === 'firing') {
      const cleanSince = alert.cleanSince ?? now
      if (now - cleanSince < limits.cleanMilliseconds) next.push({ ...alert, cleanSince })
      else transitions.push({ ...conditionOf(alert), to: 'resolved', at: now })
    }
  }
  for (const condition of held.values()) {
    if (next.length >= limits.active && condition.severity !== 'page') continue
    keep({ ...condition, state: 'pending', since: now, firedAt: null, cleanSince: null })
  }
  return { active: next, transitions }
}

const conditionOf = ({ name, severity, labels, value }: Condition): Condition => ({ name, severity, labels, value })
