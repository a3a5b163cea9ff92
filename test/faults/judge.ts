/** Whether what was answered is right: the very numbers, or those of a fallback that is named, or a refusal that says what to do. */
import { isDeepStrictEqual } from 'node:util'
import type { Prediction } from '../../src/protocol/answers.ts'
import type { Answered } from './client.ts'
import type { ExpectedAnswers } from './expected.ts'

export type Verdict =
  | { readonly as: 'exact' | 'flagged' | 'refused' }
  /** `why`: in words. */
  | { readonly as: 'wrong'; readonly why: string }

export interface Rules {
  /** The model fails on the events themselves: then 500 `model_failed` is a clear answer. */
  readonly mayFail: boolean
  /** What the instant of an event must be; by default the stated one. */
  readonly time?: (base: number) => { readonly epochMilliseconds: number; readonly toleranceMilliseconds: number }
}

/** Of a sigmoid: ORT in workerd and in Node run the same code. */
const TOLERANCE = 1e-6
/** Why a zip may be taken for the mean of its neighbours. */
const ZIP_REASONS: ReadonlySet<string> = new Set([
  'zip_store_timeout',
  'zip_store_error',
  'zip_store_corrupt',
  'zip_store_skipped',
  'zip_unknown',
])
/** Other things an answer may be flagged with, and be as right as without. */
const OTHER_VERSION: ReadonlySet<string> = new Set(['release_unknown', 'release_fallback', 'version_fallback'])
const isOfTime = (flag: string): boolean => flag === 'clock_corrected' || flag.endsWith('_uncertain')

const wrong = (why: string): Verdict => ({ as: 'wrong', why })

const isClose = (outputs: Prediction['outputs'], expected: Prediction['outputs']): boolean =>
  isDeepStrictEqual(Object.keys(outputs), Object.keys(expected)) &&
  Object.entries(outputs).every(
    ([name, value]) => typeof value === 'number' && Math.abs(value - Number(expected[name])) <= TOLERANCE,
  )

const timeFault = ({ event_time }: Prediction, expected: Prediction, rules: Rules, base: number): string | null => {
  const { epochMilliseconds, toleranceMilliseconds } = rules.time?.(base) ?? {
    epochMilliseconds: expected.event_time.epoch_ms,
    toleranceMilliseconds: 0,
  }
  const error = Math.abs(event_time.epoch_ms - epochMilliseconds)
  return error <= toleranceMilliseconds ? null : `its time is ${error} ms off: ${JSON.stringify(event_time)}`
}

/** Of the event made of number `base`. */
export const judgePrediction = (
  prediction: Prediction,
  base: number,
  expected: ExpectedAnswers,
  rules: Rules,
): Verdict => {
  const { warnings, outputs, features, imputed } = prediction
  const exact = expected.exact[base]
  const fault = timeFault(prediction, exact, rules, base)
  if (fault !== null) return wrong(fault)
  const flags = warnings.filter((warning) => !exact.warnings.includes(warning))
  if (flags.includes('reference_mean')) {
    return isClose(outputs, expected.means) ? { as: 'flagged' } : wrong(`no mean: ${JSON.stringify(outputs)}`)
  }
  const isCoarse = flags.includes('zip3_mean') || flags.includes('national_mean')
  if (isCoarse && !flags.some((flag) => ZIP_REASONS.has(flag))) return wrong(`no reason: ${flags.join(', ')}`)
  const right = isCoarse ? expected.coarse[base] : exact
  const isKnown = (flag: string): boolean =>
    OTHER_VERSION.has(flag) ||
    isOfTime(flag) ||
    (isCoarse && (right.warnings.includes(flag as never) || ZIP_REASONS.has(flag)))
  const unknown = flags.filter((flag) => !isKnown(flag))
  if (unknown.length > 0) return wrong(`flagged ${unknown.join(', ')}`)
  if (!isClose(outputs, right.outputs)) {
    return wrong(`${JSON.stringify(outputs)} for ${JSON.stringify(right.outputs)}, flagged ${flags.join(', ')}`)
  }
  if (!isDeepStrictEqual(features, right.features)) return wrong(`other features: ${JSON.stringify(features)}`)
  if (!isDeepStrictEqual(imputed, right.imputed)) return wrong(`imputed is ${imputed.join(', ')}`)
  return { as: flags.length === 0 ? 'exact' : 'flagged' }
}

/** Something else answered than the version that should. */
export const hasStoodIn = (body: unknown): boolean => {
  const warnings: unknown = typeof body === 'object' && body !== null && 'warnings' in body ? body.warnings : []
  return Array.isArray(warnings) && warnings.some((flag) => flag === 'reference_mean' || flag === 'version_fallback')
}

const CLEAR_503: ReadonlySet<string> = new Set([
  'model_unavailable',
  'queue_unavailable',
  'archive_unavailable',
  'deadline_exceeded',
])

/** Whether a refusal is clear: which code, and when to try again. */
export const judgeRefusal = ({ status, headers, body }: Answered, rules: Rules): Verdict => {
  const code: unknown = typeof body === 'object' && body !== null && 'code' in body ? body.code : null
  if (status === 503 && typeof code === 'string' && CLEAR_503.has(code)) {
    return headers.has('retry-after') ? { as: 'refused' } : wrong(`503 ${code} without Retry-After`)
  }
  if (status === 500 && code === 'model_failed' && rules.mayFail) return { as: 'refused' }
  return wrong(`${status} ${JSON.stringify(body)?.slice(0, 300)}`)
}

export const judgeAnswer = (answer: Answered, base: number, expected: ExpectedAnswers, rules: Rules): Verdict =>
  answer.status === 200
    ? judgePrediction(answer.body as Prediction, base, expected, rules)
    : judgeRefusal(answer, rules)
