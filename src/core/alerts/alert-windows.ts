/** How far back the windows of the alerts reach, and what the statistics objects answer for them. */
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import { DAY, floorTo, HOUR, MINUTE } from '../statistics/rollup.ts'
import type { AlertCounts } from './conditions.ts'
import { ALERT_WINDOWS, type AlertWindow } from './rules.ts'

const WINDOW_MILLISECONDS: { readonly [window in AlertWindow]: number } = {
  '5m': 5 * MINUTE,
  '10m': 10 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
}

/**
 * The stretch a window means at `now`, epoch milliseconds: from a whole minute, of windows that reach beyond an hour from a whole hour, to
 * the end of this minute.
 */
export const alertStretch = (window: AlertWindow, now: number): { readonly from: number; readonly to: number } => {
  const length = WINDOW_MILLISECONDS[window]
  return { from: floorTo(now - length, length > HOUR ? HOUR : MINUTE), to: floorTo(now, MINUTE) + MINUTE }
}

export type AlertWindows = { readonly [window in AlertWindow]: AlertCounts }

/** To the question for all windows at once. */
export interface AlertCountsReply {
  readonly format: 1
  readonly windows: AlertWindows
  /** The models that anything was counted of in the longest window. */
  readonly models: readonly string[]
}

const isCounts = (value: unknown): value is AlertCounts =>
  isJsonObject(value) &&
  ['events', 'failures', 'timed', 'fast', 'zips', 'unknownZips', 'zipStoreFailures', 'lost'].every(
    (name) => typeof value[name] === 'number' && value[name] >= 0,
  ) &&
  Array.isArray(value.loadFailures)

/** Throws an `Error` that says what is wrong, for a reply of code that is not of this format. */
export const readAlertCountsReply = (value: unknown): AlertCountsReply => {
  if (!isJsonObject(value) || value.format !== 1)
    throw new Error(
      `the counts for alerts have format ${quote(isJsonObject(value) ? value.format : value)}, expected 1`,
    )
  const { windows, models } = value
  const bad = isJsonObject(windows) ? ALERT_WINDOWS.find((window) => !isCounts(windows[window])) : 'every window'
  if (bad !== undefined) throw new Error(`the counts for alerts lack ${bad}`)
  if (!Array.isArray(models)) throw new Error('the counts for alerts lack the models')
  return value as unknown as AlertCountsReply
}
