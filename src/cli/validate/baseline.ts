/** Whether a version knows more than its stated baseline. */
import { z } from 'zod'
import type { Manifest } from '../../protocol/manifest.ts'
import { UsageError } from '../command.ts'
import { type Check, failed, passed } from './check.ts'
import { isBetter, type Metrics, type Scores } from './scores.ts'

const METRICS = ['log_loss', 'auc', 'mean_absolute_error'] as const

/** `METRIC=NUMBER` each. Throws a UsageError for anything else. */
export const readBaseline = (texts: readonly string[]): Metrics | undefined => {
  if (texts.length === 0) return undefined
  return Object.fromEntries(
    texts.map((text) => {
      const [metric, value] = text.split('=')
      const number = Number(value)
      if (!METRICS.some((known) => known === metric) || value === '' || !Number.isFinite(number)) {
        throw new UsageError(`--baseline ${text}: expected ${METRICS.join(', ')}, then = and a number`)
      }
      return [metric, number]
    }),
  )
}

/** What the manifest states as `metrics.baseline`. */
const statedIn = ({ metrics }: Manifest): Metrics | undefined => {
  const stated = z.object({ baseline: z.record(z.string(), z.number()) }).safeParse(metrics)
  return stated.success ? stated.data.baseline : undefined
}

const four = (value: number): string => value.toFixed(4)

/**
 * Passes when the model is better than the baseline in every metric the baseline states: the one asked for, else the manifest's
 * `metrics.baseline`, else the best constant for the rows.
 */
export const checkBaseline = (manifest: Manifest, scores: Scores, asked: Metrics | undefined): Check => {
  const stated = asked ?? statedIn(manifest)
  const baseline = stated ?? scores.constant
  const what = stated === undefined ? 'a constant' : 'the stated baseline'
  const compared = Object.entries(baseline).flatMap(([metric, than]) => {
    const value = scores.model[metric]
    return value === undefined ? [] : [{ metric, value, than, better: isBetter(metric, value, than) }]
  })
  const own = Object.entries(scores.model).map(([metric, value]) => `${metric} ${four(value)}`)
  const figures = {
    rows: scores.rows,
    unanswered: scores.unanswered,
    ...scores.model,
    ...Object.fromEntries(compared.map(({ metric, than }) => [`baseline_${metric}`, than])),
  }
  if (compared.length === 0) {
    return failed('baseline', `the baseline states ${Object.keys(baseline).join(', ')}, none of which this output has`)
  }
  const said = compared.map(({ metric, value, than }) => `${metric} ${four(value)} against ${four(than)}`).join(', ')
  const details = [`${own.join(', ')} in ${scores.rows} rows`]
  return compared.every(({ better }) => better)
    ? passed('baseline', `better than ${what}: ${said}`, { details, figures })
    : failed('baseline', `not better than ${what}: ${said}`, { details, figures })
}
