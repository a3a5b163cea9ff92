/** The table of thresholds says what the Prometheus rules say. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../../src/config.ts'
import {
  ALERT_RULES,
  type AlertName,
  BURN_RULES,
  DEAD_LETTERS_RULE,
  SLOW_RULE,
  UNKNOWN_ZIPS_RULE,
  ZIP_STORE_RULE,
} from '../../../src/core/alerts/rules.ts'
import { runbookOf } from '../../../src/protocol/alert-notification.ts'

interface PrometheusAlert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly annotations: { readonly runbook: string }
  readonly labels: { readonly severity: string; readonly window?: string }
}
const file = parse(readFileSync('ops/prometheus/alerts.yaml', 'utf8')) as {
  groups: readonly { rules: readonly PrometheusAlert[] }[]
}
/** Only Prometheus can tell that it gets nothing. */
const alerts = file.groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== 'NearcastNotScraped')
const exprOf = (name: string): string => alerts.find(({ alert }) => alert === name)?.expr ?? ''
const SECONDS = { '1h': 3600, '6h': 21_600, '3d': 259_200 }

test('both have the same alerts, but for those that only the watch can tell', () => {
  const names = Object.entries(ALERT_RULES).filter(([, { isWatchOnly }]) => !isWatchOnly)
  expect(names.map(([name]) => name).sort()).toEqual([...new Set(alerts.map(({ alert }) => alert))].sort())
})

test.each(Object.keys(ALERT_RULES) as AlertName[])('%s has the same severities and waits as long', (name) => {
  const rule = ALERT_RULES[name]
  if (rule.isWatchOnly) return
  const theirs = alerts.filter(({ alert }) => alert === name)
  expect(theirs.map(({ labels }) => labels.severity)).toEqual(rule.severities)
  for (const one of theirs) expect(Number.parseInt(one.for ?? '0', 10) * 60_000).toBe(rule.forMilliseconds)
})

test('burn rates, windows and least failures are the same', () => {
  const theirs = alerts.filter(({ alert }) => alert === 'NearcastErrorBudgetBurn').map(({ expr }) => expr)
  expect(theirs).toEqual(
    BURN_RULES.map(
      ({ long, short, burnRate, failures }) =>
        `nearcast:failure_ratio:rate${long} > ${burnRate} * 0.001 and nearcast:failure_ratio:rate${short} > ${burnRate} * 0.001 and nearcast:failures:rate${long} * ${SECONDS[long]} >= ${failures}`,
    ),
  )
})

test('the other thresholds are the same', () => {
  const { long, short, fastRatio, requests } = SLOW_RULE
  expect(exprOf('NearcastSlow')).toBe(
    `nearcast:fast_ratio:rate${long} < ${fastRatio} and nearcast:fast_ratio:rate${short} < ${fastRatio} and nearcast:timed_requests:rate${long} * 3600 >= ${requests}`,
  )
  const zips = UNKNOWN_ZIPS_RULE
  const share = `nearcast:unknown_zip_ratio:rate${zips.short}`
  expect(exprOf('NearcastUnknownZips').replaceAll(/\s+/gu, ' ')).toBe(
    `( ${share} > ${zips.ratio} or (${share} > ${zips.surgeRatio} and ${share} > ${zips.surgeFactor} * nearcast:unknown_zip_ratio:rate${zips.long}) ) and nearcast:zips:rate${zips.short} * 1800 >= ${zips.zips}`,
  )
  expect(exprOf('NearcastZipStoreFailing')).toBe(
    `nearcast:zip_store_failure_ratio:rate${ZIP_STORE_RULE.window} > ${ZIP_STORE_RULE.ratio}`,
  )
  expect(exprOf('NearcastVersionNotLoaded')).toBe('increase(nearcast_load_failures_total[15m]) > 0')
  expect(exprOf('NearcastDeadLettersWaiting')).toContain(`> ${DEAD_LETTERS_RULE.waiting}`)
  expect(exprOf('NearcastDrift')).toBe('nearcast_drifted_series > 0')
  const { ZIP_STALE_MONTHS } = parseConfig({})
  expect(exprOf('NearcastZipDataStale')).toBe(
    `time() - nearcast_zip_data_timestamp_seconds >= ${ZIP_STALE_MONTHS + 1} * 2629746`,
  )
  expect(exprOf('NearcastStatisticsLost')).toBe('increase(nearcast_lost_events_total[1h]) > 0')
})

test('every alert has its section in the run book, and every rule points there', () => {
  const sections = [...readFileSync('docs/operating.md', 'utf8').matchAll(/^### (Nearcast\w+)$/gm)].map(
    ([, name]) => name,
  )
  expect(sections.sort()).toEqual([...Object.keys(ALERT_RULES), 'NearcastNotScraped'].sort())
  for (const { alert, annotations } of file.groups.flatMap(({ rules }) => rules))
    expect(annotations.runbook).toBe(runbookOf(alert))
})
