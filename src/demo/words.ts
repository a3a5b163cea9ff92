/** What an answer of the demo says, in words. */
import type { Prediction } from '../protocol/answers.ts'

const percent = (share: number): string =>
  new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(share)
const days = (count: number | string): string => `${count} ${Number(count) === 1 ? 'day' : 'days'}`
const spaced = (name: string): string => name.replaceAll('_', ' ')

export const millisecondsWords = (milliseconds: number): string =>
  `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`

/** The first output of a prediction, which the demo shows. */
const firstOf = ({ outputs }: Prediction): Prediction['outputs'][string] | undefined => Object.values(outputs)[0]

export const deliveryWords = (prediction: Prediction): string => {
  const output = firstOf(prediction)
  if (output === undefined || typeof output === 'number' || output.p50 === undefined || output.p90 === undefined)
    return 'It cannot be said when it arrives.'
  return `Ordered now, it arrives in ${days(output.p50)}; nine times in ten within ${days(output.p90)}.`
}

export const lateWords = (prediction: Prediction): string => {
  const output = firstOf(prediction)
  return typeof output === 'number'
    ? `A flight that leaves at this moment arrives there late with a probability of ${percent(output)}.`
    : 'It cannot be said whether a flight arrives late.'
}

/** What stands behind an answer that is not of this very place; `null`: nothing. */
export const cautionWords = ({ warnings, imputed }: Prediction): string | null => {
  if (warnings.length === 0 && imputed.length === 0) return null
  const made = imputed.length === 0 ? '' : ` Not measured for this event: ${imputed.map(spaced).join(', ')}.`
  return `${warnings.length === 0 ? '' : `Flagged: ${warnings.map(spaced).join(', ')}.`}${made}`.trim()
}

export const contributionWords = (value: number, of: string | undefined): string => {
  const sign = value < 0 ? '−' : '+'
  return of === 'mean' ? `${sign}${Math.abs(value).toFixed(2)} days` : `${sign}${percent(Math.abs(value))}`
}

export const baseWords = ({ base, of }: NonNullable<Prediction['explanation']>): string =>
  of === 'mean' ? `${base.toFixed(2)} days` : percent(base)

export const groupWords = (name: string, features: readonly string[] | undefined): string =>
  features === undefined ? spaced(name) : `${spaced(name)} (${features.map(spaced).join(', ')})`

export const featureWords = (value: number | string | null): string =>
  typeof value === 'number'
    ? new Intl.NumberFormat('en', { maximumSignificantDigits: 6, useGrouping: false }).format(value)
    : (value ?? 'missing')

export { percent, spaced }
