import { describe, expect, it } from 'vitest'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { Answered } from '../../faults/client.ts'
import type { ExpectedAnswers } from '../../faults/expected.ts'
import { judgeAnswer, judgePrediction } from '../../faults/judge.ts'

const exact: Prediction = {
  id: 'e-1',
  model_name: 'late-arrival',
  model_version: '1.0.0',
  outputs: { late_probability: 0.3 },
  features: { latitude: 37.77 },
  event_time: { epoch_ms: 1731880381293, method: 'stated', uncertainty_ms: null },
  zip: '94107',
  zip_source: 'event',
  zip_data: '2026-11',
  imputed: [],
  warnings: [],
}
const coarse: Prediction = {
  ...exact,
  outputs: { late_probability: 0.28 },
  features: { latitude: 37.7 },
  imputed: ['latitude'],
  warnings: ['zip_store_error', 'zip3_mean'],
}
const expected: ExpectedAnswers = { exact: [exact], coarse: [coarse], means: { late_probability: 0.2 } }
const rules = { mayFail: false }
const as = (prediction: Prediction): string => judgePrediction(prediction, 0, expected, rules).as
const answered = (status: number, body: unknown, headers: Record<string, string> = {}): Answered => ({
  status,
  body,
  headers: new Headers(headers),
  milliseconds: 1,
})

describe('the judge of the fault table', () => {
  it('takes the exact answer, and no other number, time or feature', () => {
    expect(as(exact)).toBe('exact')
    expect(as({ ...exact, outputs: { late_probability: 0.3001 } })).toBe('wrong')
    expect(as({ ...exact, features: { latitude: 37.7 } })).toBe('wrong')
    expect(as({ ...exact, event_time: { ...exact.event_time, epoch_ms: 1731880381294 } })).toBe('wrong')
  })

  it('takes the fallback of a zip with its flags and its reason, and not without', () => {
    expect(as(coarse)).toBe('flagged')
    expect(as({ ...coarse, warnings: ['zip_store_timeout', 'zip3_mean'] })).toBe('flagged')
    expect(as({ ...coarse, warnings: [] })).toBe('wrong')
    expect(as({ ...coarse, warnings: ['zip3_mean'] })).toBe('wrong')
    expect(as({ ...coarse, imputed: [] })).toBe('wrong')
    expect(as({ ...exact, warnings: ['zip_store_error', 'zip3_mean'] })).toBe('wrong')
  })

  it('takes the mean of the reference profile under its flag only', () => {
    const mean: Prediction = { ...exact, outputs: { late_probability: 0.2 }, warnings: ['reference_mean'] }
    expect(as(mean)).toBe('flagged')
    expect(as({ ...mean, warnings: [] })).toBe('wrong')
    expect(as({ ...exact, warnings: ['reference_mean'] })).toBe('wrong')
  })

  it('takes no flag that it does not know', () => {
    expect(as({ ...exact, warnings: ['release_fallback'] })).toBe('flagged')
    expect(as({ ...exact, warnings: ['inference_off'] })).toBe('wrong')
  })

  it('takes a refusal that says when to come again, and an error of the model where the row has one', () => {
    const unavailable = { code: 'model_unavailable' }
    expect(judgeAnswer(answered(503, unavailable, { 'retry-after': '1' }), 0, expected, rules).as).toBe('refused')
    expect(judgeAnswer(answered(503, unavailable), 0, expected, rules).as).toBe('wrong')
    expect(judgeAnswer(answered(500, { code: 'internal' }), 0, expected, rules).as).toBe('wrong')
    expect(judgeAnswer(answered(500, { code: 'model_failed' }), 0, expected, rules).as).toBe('wrong')
    expect(judgeAnswer(answered(500, { code: 'model_failed' }), 0, expected, { mayFail: true }).as).toBe('refused')
  })
})
