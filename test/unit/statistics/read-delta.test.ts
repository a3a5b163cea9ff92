import { describe, expect, it } from 'vitest'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'
import { readWindowReply } from '../../../src/core/statistics/replies.ts'
import format1 from '../../fixtures/statistics/delta-format-1.json' with { type: 'json' }

const version = format1.versions['late-arrival@1.0.0']
const withVersion = (change: Partial<Record<keyof typeof version, unknown>>): unknown => ({
  ...format1,
  versions: { 'late-arrival@1.0.0': { ...version, ...change } },
})
const hundredKeys = Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`key_${key}`, 1]))

describe('reading a delta', () => {
  it('accepts format 1 as it was first written', () => {
    expect(readDelta(format1)).toEqual(format1)
  })

  it('drops what the format does not know', () => {
    expect(readDelta({ ...format1, mood: 'good' })).toEqual(format1)
  })

  it('refuses an unknown format and says which it knows', () => {
    expect(() => readDelta({ ...format1, format: 7 })).toThrow(
      'statistics delta: format is 7, expected 1, the one this code knows',
    )
    expect(() => readDelta({})).toThrow('format is undefined')
    expect(() => readDelta(null)).toThrow('the delta is null, expected an object')
    expect(() => readWindowReply({ format: 2 })).toThrow('statistics window: format is 2')
  })

  it.each([
    ['sequence is 0, expected a whole number from 1', { ...format1, sequence: 0 }],
    ['isolate is "", expected a text', { ...format1, isolate: '' }],
    ['to (epoch ms) is 5, expected a whole number from 1793491199600', { ...format1, to: 5 }],
    ['the number of keys of rejected is 100, expected at most 65', { ...format1, rejected: hundredKeys }],
    ['["late-arrival@1.0.0"].predictions is 1.5, expected a whole number', withVersion({ predictions: 1.5 })],
    ['errors["model_failed"] is -1', withVersion({ errors: { model_failed: -1 } })],
    [
      'the length of versions["late-arrival@1.0.0"].latency.counts is 1, expected 30',
      withVersion({ latency: { counts: [1] } }),
    ],
    [
      'outputs["p"].highest is 0, expected more than lowest, 0',
      withVersion({ outputs: { p: { ...version.outputs.late_probability, highest: 0 } } }),
    ],
  ])('names what is wrong: %s', (message, delta) => {
    expect(() => readDelta(delta)).toThrow(message)
  })
})
