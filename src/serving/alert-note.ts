/** What the watch keeps of the alerts from one look to the next, and how much of it. */
import { type ActiveAlert, type AlertTransition, alertKey } from '../core/alerts/advance.ts'
import { EMPTY_OUTBOX, type Outbox } from '../core/alerts/outbox.ts'
import type { AlertName } from '../core/alerts/rules.ts'
import { isJsonObject } from '../core/json.ts'
import type { Notes } from './ports/watch-duties.ts'

/** Notes of the watch: `ALERTS_NOTE` is written by each look, `OUTBOX_NOTE` also by what delivers. */
export const ALERTS_NOTE = 'alerts'
export const OUTBOX_NOTE = 'alerts-outbox'

/** How many changes are told of. */
export const RECENT_TRANSITIONS = 200

export interface AlertsNote {
  readonly format: 1
  /** Epoch milliseconds. */
  readonly at: number
  readonly active: readonly ActiveAlert[]
  /** What could not be told. */
  readonly unknown: readonly AlertName[]
  /** Oldest first. */
  readonly recent: readonly AlertTransition[]
  /** When a firing alert was last told of, epoch milliseconds, by its key. */
  readonly toldAt: { readonly [key: string]: number }
  readonly webhook: 'slack' | 'json' | null
}

/** `null`: there is none, or other code has written it. */
export const readAlertsNote = (value: unknown): AlertsNote | null =>
  isJsonObject(value) && value.format === 1 ? (value as unknown as AlertsNote) : null

export const readOutbox = (notes: Pick<Notes, 'read'>): Outbox => {
  const value = notes.read(OUTBOX_NOTE)
  return isJsonObject(value) && value.format === 1 ? (value as unknown as Outbox) : EMPTY_OUTBOX
}

export const writeOutbox = (notes: Pick<Notes, 'write'>, outbox: Outbox): void =>
  notes.write(OUTBOX_NOTE, { ...outbox, format: 1 })

/** Pages that fire since `repeatMilliseconds` or longer and nobody was told of meanwhile, as if they fired anew; `null`: never. */
export const repeated = (
  { active, toldAt }: Pick<AlertsNote, 'active' | 'toldAt'>,
  now: number,
  repeatMilliseconds: number | null,
): readonly AlertTransition[] =>
  active
    .filter((alert) => alert.state === 'firing' && alert.severity === 'page')
    .filter((alert) => {
      const last = toldAt[alertKey(alert)] ?? alert.firedAt ?? now
      return repeatMilliseconds !== null && now - last >= repeatMilliseconds
    })
    .map(({ name, severity, labels, value }) => ({ name, severity, labels, value, to: 'firing', at: now }))
