import { describe, expect, it } from 'vitest'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'
import { readWindowReply } from '../../../src/core/statistics/replies.ts'
import format1 from '../../fixtures/statistics/delta-format-1.json' with { type: 'json' }

const changed = (change: (delta: Record<string, unknown>) => void): unknown => {
  const delta: Record<string, unknown> = structuredClone(format1)
  change(delta)
  return delta
}

describe('reading a delta', () => {
  it('accepts format 1 as it was first written', () => {
    expect(readDelta(format1)).toEqual(format1)
  })

  it('drops what the format does not know', () => {
    expect(readDelta({ ...format1, mood: 'good' })).toEqual(format1)
  })

  it('refuses an unknown format and says which it knows', () => {
    expect(() => readDelta({ ...format1, format: 7 })).toThrow('statistics delta: format is 7, expected 1, the one this code knows')
    expect(() => readDelta({})).toThrow('format is undefined')
    expect(() => readDelta(null)).toThrow('the delta is null, expected an object')
    expect(() => readWindowReply({ format: 2 })).toThrow('format is 2')
  })

  it.each([
    ['sequence is 0, expected a whole number from 1', (d: typeof format1) => (d.sequence = 0)],
    ['isolate is "", expected a text', (d: typeof format1) => (d.isolate = '')],
    ['to is 5, expected a whole number from 1793491200000', (d: typeof format1) => (d.to = 5)],
    ['predictions is 1.5, expected a whole number', (d: typeof format1) => (d.versions['late-arrival@1.0.0'].predictions = 1.5)],
    ['errors["model_failed"] is -1', (d: typeof format1) => (d.versions['late-arrival@1.0.0'].errors.model_failed = -1)],
    ['the length of versions["late-arrival@1.0.0"].latency.counts is 29, expected 30', (d: typeof format1) => d.versions['late-arrival@1.0.0'].latency.counts.pop()],
    ['outputs["late_probability"].highest is 0, expected more than lowest', (d: typeof format1) => (d.versions['late-arrival@1.0.0'].outputs.late_probability.highest = 0)],
    ['the number of keys of rejected is 100, expected at most 65', (d: typeof format1) => Object.assign(d.rejected, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, 1])), { invalid_json: 1 }) && delete (d.rejected as Partial<typeof d.rejected>).invalid_json],
  ])('names what is wrong: %s', (message, change) => {
    expect(() => readDelta(changed((delta) => change(delta as unknown as typeof format1)))).toThrow(message)
  })
})
