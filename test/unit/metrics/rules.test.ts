import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { LATENCY_BOUNDS_SECONDS } from '../../../src/core/statistics/latency-histogram.ts'
import { BUDGET_CODES, METRICS } from '../../../src/protocol/metrics.ts'
import { PROBLEMS } from '../../../src/protocol/problem.ts'
import { ZIP_LOOKUP_OUTCOMES } from '../../../src/serving/zip-lookup.ts'

const ROOT = join(import.meta.dirname, '../../..')
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8')

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: { readonly runbook: string }
}
const rulesOf = (file: string): readonly Rule[] =>
  (parse(read('ops/prometheus', file)) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules)

const recorded = rulesOf('rules.yaml')
const alerts = rulesOf('alerts.yaml')
const page = read('docs/operating.md')

/** The values of the matcher `label` beside a metric, wherever it stands. */
const matched = (metric: string, label: string): string[][] =>
  recorded.flatMap(({ expr }) =>
    [...expr.matchAll(new RegExp(`${metric}\\{${label}=~?"([^"]+)"\\}`, 'g'))].map(([, values = '']) =>
      values.split('|'),
    ),
  )

describe('the rules for Prometheus', () => {
  it('ask for metrics that there are, and for what is recorded', () => {
    const names = Object.values(METRICS).flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    )
    const known = new Set<string>([...names, ...recorded.flatMap(({ record }) => record ?? [])])
    const asked = [...recorded, ...alerts].flatMap(({ expr }) => expr.match(/\bnearcast[_:][\w:]+/g) ?? [])
    expect(asked.length).toBeGreaterThan(50)
    expect(asked.filter((name) => !known.has(name))).toEqual([])
  })

  it('spend the budget by our failures and no others', () => {
    const ours = matched('nearcast_predictions_total', 'outcome').filter((codes) => !codes.includes('ok'))
    expect(ours.length).toBeGreaterThan(4)
    for (const codes of ours) expect(codes).toEqual(BUDGET_CODES.predictions)
    const rejected = matched('nearcast_rejected_total', 'code')
    expect(rejected).toHaveLength(5)
    for (const codes of rejected) expect(codes).toEqual(BUDGET_CODES.rejected)
    for (const code of BUDGET_CODES.rejected) expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(500)
  })

  it('know the outcomes of zips and the bounds of durations', () => {
    const outcomes = matched('nearcast_zip_lookups_total', 'outcome').flat()
    expect(outcomes.length).toBeGreaterThan(0)
    for (const outcome of outcomes) expect(ZIP_LOOKUP_OUTCOMES).toContain(outcome)
    const bounds = matched('nearcast_prediction_duration_seconds_bucket', 'le').flat()
    expect(bounds.length).toBeGreaterThan(0)
    for (const bound of bounds) expect(LATENCY_BOUNDS_SECONDS.map(String)).toContain(bound)
  })

  it('are all documented, each with its severity, and lead to a section that there is', () => {
    const listed = [...page.matchAll(/^\| `(Nearcast\w+)` \| (\w+) \|/gm)].map(
      ([, name, severity]) => `${name} ${severity}`,
    )
    expect(new Set(alerts.map(({ alert, labels }) => `${alert} ${labels?.severity}`))).toEqual(new Set(listed))
    const sections = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
    for (const { annotations } of alerts) expect(sections).toContain(annotations?.runbook.split('#')[1])
  })
})
