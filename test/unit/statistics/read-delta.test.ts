import { describe, expect, it } from 'vitest'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { readDelta } from '../../../src/core/statistics/read-delta.ts'
import { readWindowReply } from '../../../src/core/statistics/replies.ts'
import format1 from '../../fixtures/statistics/delta-format-1.json' with { type: 'json' }
import { probabilities } from '../../support/statistics.ts'

/** What format 1 did not have when it was first written. */
const ADDED = {
  ...{ accepted: 0, zip_reads: {}, browser: {}, load_failures: {}, limit_faults: {}, requests: {}, pairs: {} },
  ...{ evidence: [], compared: [] },
}

const version = format1.versions['late-arrival@1.0.0']
const withVersion = (change: Partial<Record<keyof typeof version, unknown>>): unknown => ({
  ...format1,
  versions: { 'late-arrival@1.0.0': { ...version, ...change } },
})
const hundredKeys = Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`key_${key}`, 1]))

describe('reading a delta', () => {
  it('accepts format 1 as it was first written', () => {
    expect(readDelta(format1)).toEqual({ ...format1, ...ADDED })
  })

  it('reads back what this code writes, and leaves what was first written where it was for code that knows no more', () => {
    const builder = new DeltaBuilder(probabilities)
    const at = Date.UTC(2026, 10, 1)
    builder.prediction('late-arrival', '1.0.0', { late_probability: 0.5 }, ['zip_unknown'], at)
    builder.loadFailure('late-arrival', '1.1.0', at)
    builder.zipRead('hit')
    builder.browser('/v1/predict', { known: true, milliseconds: 84.2 }, at)
    const pair = builder.pair({ model: 'late-arrival', first: '1.0.0', other: '1.1.0' }, at)
    pair.compared({ late_probability: 0.4 }, { late_probability: 0.6 }, () => 0.5)
    pair.compared({ days: { probabilities: [0.9, 0.1] } }, { days: { probabilities: [0.4, 0.6] } }, () => undefined)
    pair.skipped(3)
    pair.latency({ known: true, milliseconds: 2 }, 2)
    const subject = { model: 'late-arrival', canary: '1.1.0', stable: '1.0.0', since: at }
    const outputs = [{ name: 'late_probability', range: [0, 1] as const, threshold: 0.5 }]
    const [stable, canary] = [{ outputs: { late_probability: 0.4 } }, { outputs: { late_probability: 0.6 } }]
    builder.evidence(subject, outputs, at).pair({ unit: 7, at, canary, stable })
    const said = { event: 5, unit: 7, at, canary: canary.outputs, stable: stable.outputs }
    builder.compared(subject, [{ name: 'late_probability', kind: 'probability', range: null }], said)
    const delta = builder.toDelta({ isolate: 'i', sequence: 1, codeVersion: 'c' })
    expect(readDelta(JSON.parse(JSON.stringify(delta)))).toEqual(delta)
    expect(delta.evidence).toHaveLength(1)
    expect(delta.compared).toMatchObject([
      { ...subject, events: [{ event: 5, unit: 7, canary: [0.6], stable: [0.4] }] },
    ])
    expect(delta.pairs).toMatchObject({
      'late-arrival@1.0.0~1.1.0': {
        events: 2,
        skipped: 3,
        outputs: { late_probability: { decisions: 1, changed: 1 }, days: { sum: 0.5, decisions: 1, changed: 1 } },
      },
    })
    expect(Object.keys(delta)).toEqual(expect.arrayContaining(Object.keys(format1)))
    expect(Object.keys(delta.versions['late-arrival@1.0.0'])).toEqual(Object.keys(version))
    expect(delta.format).toBe(format1.format)
  })

  it('drops what the format does not know', () => {
    expect(readDelta({ ...format1, mood: 'good' })).toEqual({ ...format1, ...ADDED })
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
