/** What an alert fires at: the one table of thresholds, windows and severities, equal to `ops/prometheus/alerts.yaml`. */

export const ALERT_WINDOWS = ['5m', '10m', '15m', '30m', '1h', '6h', '1d', '3d'] as const
export type AlertWindow = (typeof ALERT_WINDOWS)[number]

/** page: wake somebody. ticket: look at it in the morning. */
export type Severity = 'page' | 'ticket'

const MINUTE = 60_000

/** The share of events that may fail by our own fault: 99.9 % are promised an answer. */
export const ERROR_BUDGET = 0.001

/** Google, The Site Reliability Workbook, chapter 5: `burnRate` times the budget in both windows, and at least `failures` in the long one. */
export const BURN_RULES = [
  { long: '1h', short: '5m', burnRate: 14.4, failures: 10, severity: 'page' },
  { long: '6h', short: '30m', burnRate: 6, failures: 10, severity: 'page' },
  { long: '3d', short: '6h', burnRate: 1, failures: 10, severity: 'ticket' },
] as const satisfies readonly {
  long: AlertWindow
  short: AlertWindow
  burnRate: number
  failures: number
  severity: Severity
}[]

/** `fastRatio` of the timed requests take at most 100 ms, in both windows; judged from `requests` in the long one. */
export const SLOW_RULE = { long: '1h', short: '5m', fastRatio: 0.99, requests: 100 } as const

/** Shares of the zips that are unknown: above `ratio`, or above `surgeRatio` and `surgeFactor` times that of the long window. */
export const UNKNOWN_ZIPS_RULE = {
  short: '30m',
  long: '1d',
  ratio: 0.2,
  surgeRatio: 0.05,
  surgeFactor: 3,
  zips: 100,
} as const

export const ZIP_STORE_RULE = { window: '10m', ratio: 0.05 } as const
export const LOAD_FAILURES_RULE = { window: '15m' } as const
export const LOST_RULE = { window: '1h' } as const
export const DEAD_LETTERS_RULE = { waiting: 100 } as const

export interface AlertRule {
  /** How long the condition must hold before the alert fires. */
  readonly forMilliseconds: number
  /** One a rule; burn rates have their own by window. */
  readonly severities: readonly Severity[]
  /** Whether only the watch can tell, so that Prometheus has no such rule. */
  readonly isWatchOnly: boolean
}

const rule = (severity: Severity, forMinutes = 0, isWatchOnly = false): AlertRule => ({
  forMilliseconds: forMinutes * MINUTE,
  severities: [severity],
  isWatchOnly,
})

export const ALERT_RULES = {
  NearcastErrorBudgetBurn: {
    forMilliseconds: 0,
    severities: BURN_RULES.map(({ severity }) => severity),
    isWatchOnly: false,
  },
  NearcastSlow: rule('page'),
  NearcastUnknownZips: rule('ticket', 5),
  NearcastZipStoreFailing: rule('ticket', 10),
  NearcastVersionNotLoaded: rule('ticket'),
  NearcastDeadLettersWaiting: rule('ticket', 30),
  NearcastDeadLettersUnreachable: rule('ticket', 10),
  NearcastStatisticsLost: rule('ticket'),
  NearcastShardsDown: rule('page', 5),
  NearcastDrift: rule('ticket'),
  NearcastZipDataStale: rule('ticket'),
  NearcastRolledBack: rule('ticket', 0, true),
} as const satisfies { readonly [name: string]: AlertRule }

export type AlertName = keyof typeof ALERT_RULES
