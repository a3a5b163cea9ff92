/** Which alert conditions hold, do not hold or cannot be told, from counts by window and the state of the parts. */
import {
  ALERT_RULES,
  type AlertName,
  type AlertWindow,
  BURN_RULES,
  DEAD_LETTERS_RULE,
  ERROR_BUDGET,
  LOAD_FAILURES_RULE,
  LOST_RULE,
  type Severity,
  SLOW_RULE,
  UNKNOWN_ZIPS_RULE,
  ZIP_STORE_RULE,
} from './rules.ts'

/** Counts of one window over all shards; whole numbers, except those of timed requests, which are weighted. */
export interface AlertCounts {
  /** Predicted, or failed by our own fault. */
  readonly events: number
  readonly failures: number
  readonly timed: number
  /** Timed requests of at most 100 ms. */
  readonly fast: number
  /** Events with a zip, and those of them that are unknown, or for which the store gave nothing. */
  readonly zips: number
  readonly unknownZips: number
  readonly zipStoreFailures: number
  readonly lost: number
  readonly loadFailures: readonly { readonly model: string; readonly version: string; readonly count: number }[]
}

export const NO_ALERT_COUNTS: AlertCounts = {
  events: 0,
  failures: 0,
  timed: 0,
  fast: 0,
  zips: 0,
  unknownZips: 0,
  zipStoreFailures: 0,
  lost: 0,
  loadFailures: [],
}

/** `null`, or a window that is missing, is what could not be read: never taken for good or bad. */
export interface AlertReadings {
  readonly windows: { readonly [window in AlertWindow]?: AlertCounts | null }
  readonly shards: { readonly asked: number; readonly answered: number } | null
  /** Waiting letters; `unreachable`: they were asked and did not answer. */
  readonly deadLetters: number | 'unreachable' | null
  readonly drifted: readonly { readonly model: string; readonly version: string; readonly series: string }[] | null
  /** In whole months, and from which age on they are stale. */
  readonly zipData: { readonly ageMonths: number; readonly staleMonths: number } | null
  /** Automatic ones that nobody has followed by a command. */
  readonly rollbacks: readonly { readonly model: string; readonly version: string }[] | null
}

export interface Condition {
  readonly name: AlertName
  readonly severity: Severity
  readonly labels: { readonly [label: string]: string }
  /** The figure the alert is about: a share in [0, 1], or a count. */
  readonly value: number
}

export interface Conditions {
  readonly holding: readonly Condition[]
  /** Alerts that could not be told now: they keep their state. */
  readonly unknown: readonly { readonly name: AlertName; readonly labels?: Condition['labels'] }[]
}

const NO_LABELS = {}

/** 0 for nothing of nothing, so that no figure is NaN. */
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

/** Conditions of one alert; `null`: cannot be told. */
type Told = readonly Omit<Condition, 'name' | 'severity'>[] | null

const single = (holds: boolean, value: number): Told => (holds ? [{ labels: NO_LABELS, value }] : [])

const slow = ({ windows }: AlertReadings): Told => {
  const [long, short] = [windows[SLOW_RULE.long], windows[SLOW_RULE.short]]
  if (!long || !short) return null
  const isSlow = ({ fast, timed }: AlertCounts): boolean => timed > 0 && ratio(fast, timed) < SLOW_RULE.fastRatio
  return single(long.timed >= SLOW_RULE.requests && isSlow(long) && isSlow(short), ratio(long.fast, long.timed))
}

const unknownZips = ({ windows }: AlertReadings): Told => {
  const { long: longName, short: shortName, ratio: most, surgeRatio, surgeFactor, zips } = UNKNOWN_ZIPS_RULE
  const [long, short] = [windows[longName], windows[shortName]]
  if (!short) return null
  const share = ratio(short.unknownZips, short.zips)
  if (short.zips < zips || share <= surgeRatio) return []
  if (share > most) return single(true, share)
  return long ? single(share > surgeFactor * ratio(long.unknownZips, long.zips), share) : null
}

const zipStore = ({ windows }: AlertReadings): Told => {
  const counts = windows[ZIP_STORE_RULE.window]
  if (!counts) return null
  const share = ratio(counts.zipStoreFailures, counts.zips)
  return single(share > ZIP_STORE_RULE.ratio, share)
}

const named = (model: string, version: string): Condition['labels'] => ({ model_name: model, model_version: version })

const notLoaded = ({ windows }: AlertReadings): Told =>
  windows[LOAD_FAILURES_RULE.window]?.loadFailures
    .filter(({ count }) => count > 0)
    .map(({ model, version, count }) => ({ labels: named(model, version), value: count })) ?? null

const lost = ({ windows }: AlertReadings): Told => {
  const counts = windows[LOST_RULE.window]
  return counts ? single(counts.lost > 0, counts.lost) : null
}

const TOLD: { readonly [name in Exclude<AlertName, 'NearcastErrorBudgetBurn'>]: (readings: AlertReadings) => Told } = {
  NearcastSlow: slow,
  NearcastUnknownZips: unknownZips,
  NearcastZipStoreFailing: zipStore,
  NearcastVersionNotLoaded: notLoaded,
  NearcastDeadLettersWaiting: ({ deadLetters }) =>
    typeof deadLetters === 'number' ? single(deadLetters > DEAD_LETTERS_RULE.waiting, deadLetters) : null,
  NearcastDeadLettersUnreachable: ({ deadLetters }) =>
    deadLetters === null ? null : single(deadLetters === 'unreachable', 1),
  NearcastStatisticsLost: lost,
  NearcastShardsDown: ({ shards }) => shards && single(shards.answered < shards.asked, shards.answered),
  NearcastDrift: ({ drifted }) =>
    drifted?.map(({ model, version, series }) => ({ labels: { ...named(model, version), series }, value: 1 })) ?? null,
  NearcastZipDataStale: ({ zipData }) => zipData && single(zipData.ageMonths > zipData.staleMonths, zipData.ageMonths),
  NearcastRolledBack: ({ rollbacks }) =>
    rollbacks?.map(({ model, version }) => ({ labels: named(model, version), value: 1 })) ?? null,
}

/** Every condition at once. A window that could not be read makes unknown what depends on it, and nothing else. */
export const judgeConditions = (readings: AlertReadings): Conditions => {
  const holding: Condition[] = []
  const unknown: { name: AlertName; labels?: Condition['labels'] }[] = []
  for (const { long: longName, short: shortName, burnRate, failures, severity } of BURN_RULES) {
    const [long, short] = [readings.windows[longName], readings.windows[shortName]]
    const labels = { window: longName }
    const most = burnRate * ERROR_BUDGET
    if (!long || !short) unknown.push({ name: 'NearcastErrorBudgetBurn', labels })
    else if (
      long.failures >= failures &&
      ratio(long.failures, long.events) > most &&
      ratio(short.failures, short.events) > most
    )
      holding.push({ name: 'NearcastErrorBudgetBurn', severity, labels, value: ratio(long.failures, long.events) })
  }
  for (const name of Object.keys(TOLD) as (keyof typeof TOLD)[]) {
    const told = TOLD[name](readings)
    if (told === null) unknown.push({ name })
    else for (const one of told) holding.push({ name, severity: ALERT_RULES[name].severities[0] ?? 'ticket', ...one })
  }
  return { holding, unknown }
}
