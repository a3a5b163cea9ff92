import { describe, expect, it } from 'vitest'
import type { ComparedEvents, ComparedOutput } from '../../../src/core/judgement/compared-events.ts'
import { ComparedRecorder } from '../../../src/core/judgement/compared-recorder.ts'
import { bestFate, type Compared, joinOutcomes, type ReportedOutcome } from '../../../src/core/judgement/outcomes.ts'
import { readCompared } from '../../../src/core/judgement/read-compared.ts'
import { readOutcomes } from '../../../src/core/judgement/read-outcomes.ts'
import { eventOf, unitOf } from '../../../src/core/judgement/unit.ts'
import { LIMITS } from '../../../src/core/statistics/counts.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { probabilities } from '../../support/statistics.ts'
import { SUBJECT } from './arbitrary.ts'

const OUTPUTS: readonly ComparedOutput[] = [
  { name: 'days', kind: 'distribution', range: null },
  { name: 'delay', kind: 'value', range: [0, 100] },
  { name: 'late', kind: 'probability', range: null },
  { name: 'weight', kind: 'value', range: null },
]
const SAID = { days: { probabilities: [0.2, 0.8] }, delay: 30, late: 0.9, weight: 4 }
const at = SUBJECT.since + 1_000

const record = (outputs = OUTPUTS): ComparedEvents => {
  const recorder = new ComparedRecorder(SUBJECT, outputs)
  recorder.add({ event: 1, unit: 11, at, canary: SAID, stable: { ...SAID, delay: 10, late: 0.2 } })
  return recorder.toEvents()
}

const known = ({ events, outputs, ...subject }: ComparedEvents): Compared[] =>
  events.map((event) => ({ key: 'the canary', subject, outputs, event }))

const join = (...outcomes: ReportedOutcome[]) => {
  const compared = known(record())
  return joinOutcomes(outcomes, (event) => compared.filter(({ event: one }) => one.event === event), at + 500)
}
const outcome = (output: string, value: number | boolean, event = 1): ReportedOutcome => ({ event, output, value })

describe('joining outcomes with what both versions said', () => {
  it.each([
    // (0.9 − 0)² − (0.2 − 0)², in thousandths.
    [outcome('late', false), 770],
    [outcome('late', 1), -630],
    [outcome('late', 0.5), 70],
    // |30 − 10| − |10 − 10| of 100.
    [outcome('delay', 10), 200],
    [outcome('delay', 1_000), -200],
  ])('measures the loss by the kind of the output: %j', (reported, thousandths) => {
    const { fates, evidence } = join(reported)
    expect(fates).toEqual([{ fate: 'matched' }])
    expect(evidence).toMatchObject([{ ...SUBJECT, outcomes: { units: [11], at: [1_500], values: [thousandths] } }])
  })

  it.each([
    [
      outcome('late', 1.5),
      'value',
      'value is 1.5; "late" is a probability: send true or false, or a number from 0 to 1',
    ],
    [outcome('delay', true), 'value', 'value is true; "delay" is a value: send a number'],
    [outcome('days', 1), 'output', '"days" is a distribution, of which outcomes are not judged'],
    [outcome('weight', 1), 'output', '"weight" has no range under coverage in the manifest'],
    [outcome('mood', 1), 'output', 'output is "mood"; judged are days, delay, late, weight'],
  ])('says why an outcome does not fit its event: %j', (reported, path, message) => {
    const { fates, evidence } = join(reported)
    expect(fates).toMatchObject([{ fate: 'refused', path, message: expect.stringContaining(message) }])
    expect(evidence).toEqual([])
  })

  it('joins a receipt only with the event it is of: what its canary said, of this model', () => {
    const answered = { model: SUBJECT.model, version: SUBJECT.canary, said: 0.9 }
    const by = (over: Partial<typeof answered> = {}, output = 'late') =>
      join({ ...outcome(output, false), answered: { ...answered, ...over } })
    expect(by().fates).toEqual([{ fate: 'matched' }])
    expect(by().evidence[0]?.outcomes.values).toEqual([770])
    // Another event that was sent under its id, what stable answered, an output that is not judged.
    for (const { fates, evidence } of [
      by({ said: 0.3 }),
      by({ version: SUBJECT.stable, said: 0.2 }),
      by({ model: 'another' }),
      by({}, 'days'),
      by({}, 'mood'),
    ]) {
      expect(fates).toEqual([{ fate: 'unmatched' }])
      expect(evidence).toEqual([])
    }
  })

  it('makes nothing of an event that is not known, and lets a unit vote once', () => {
    const { fates, evidence } = join(outcome('late', false, 2), outcome('late', false), outcome('delay', 10))
    expect(fates.map(({ fate }) => fate)).toEqual(['unmatched', 'matched', 'matched'])
    expect(evidence[0]?.outcomes.values).toEqual([770])
  })

  it('takes the best of what is said of one outcome', () => {
    const refused = { fate: 'refused', path: 'value', message: 'no' } as const
    expect(bestFate([{ fate: 'unmatched' }, refused, { fate: 'matched' }])).toEqual({ fate: 'matched' })
    expect(bestFate([{ fate: 'unmatched' }, refused])).toEqual(refused)
    expect(bestFate([])).toEqual({ fate: 'unmatched' })
  })
})

describe('compared events', () => {
  it('are kept with the outputs that are judged, as numbers where a loss is defined', () => {
    const more: readonly ComparedOutput[] = [...OUTPUTS, { name: 'zeal', kind: 'probability', range: null }]
    const { outputs, events } = record(more)
    expect(outputs.map(({ name }) => name)).toEqual(['days', 'delay', 'late', 'weight'])
    expect(events).toEqual([{ event: 1, unit: 11, at, canary: [null, 30, 0.9, null], stable: [null, 10, 0.2, null] }])
  })

  it('are not kept where a version lacks an output or is not finite', () => {
    const recorder = new ComparedRecorder(SUBJECT, OUTPUTS)
    const both = { event: 1, unit: 2, at, canary: SAID, stable: SAID }
    recorder.add({ ...both, canary: { delay: 3 } })
    recorder.add({ ...both, stable: { ...SAID, late: Number.NaN } })
    expect(recorder.size).toBe(0)
  })

  it('are the first of a delta, of no more canaries than evidence is kept of', () => {
    const builder = new DeltaBuilder(probabilities)
    for (let event = 0; event < 2 * LIMITS.compared; event++) {
      const subject = { ...SUBJECT, canary: `1.1.${event % (LIMITS.evidence + 1)}` }
      builder.compared(subject, OUTPUTS, { event, unit: event, at, canary: SAID, stable: SAID })
    }
    const { compared } = builder.toDelta({ isolate: 'i', sequence: 1, codeVersion: 'c' })
    expect(compared).toHaveLength(LIMITS.evidence)
    expect(compared.reduce((sum, { events }) => sum + events.length, 0)).toBe(LIMITS.compared)
  })

  it('are read back, through JSON', () => {
    const events = record()
    expect(readCompared(JSON.parse(JSON.stringify(events)), 1)).toEqual(events)
  })

  const whole = record()
  const [event] = whole.events
  it.each([
    ['model is 5, expected a text', { ...whole, model: 5 }],
    ['the length of outputs is 5, expected at most 4', { ...whole, outputs: [...OUTPUTS, OUTPUTS[0]] }],
    ['outputs[0].kind is "mood"', { ...whole, outputs: [{ ...OUTPUTS[0], kind: 'mood' }] }],
    ['outputs[0].range is [3,3]', { ...whole, outputs: [{ ...OUTPUTS[1], range: [3, 3] }] }],
    ['the length of events is 2, expected at most 1', { ...whole, events: [event, event] }],
    ['events[0].event is -1', { ...whole, events: [{ ...event, event: -1 }] }],
    ['events[0].unit is 4503599627370496', { ...whole, events: [{ ...event, unit: 2 ** 52 }] }],
    [
      'events[0].canary[1] is null, expected a number',
      { ...whole, events: [{ ...event, canary: [null, null, 1, null] }] },
    ],
    ['events[0].stable[0] is 1, expected null', { ...whole, events: [{ ...event, stable: [1, 1, 1, null] }] }],
  ])('are refused with what is wrong: %s', (message, value) => {
    expect(() => readCompared(value, 1)).toThrow(`compared events: ${message}`)
  })
})

describe('reading outcomes', () => {
  const one = outcome('late', true)
  it('gives back what is known of the format', () => {
    expect(readOutcomes({ format: 1, outcomes: [{ ...one, mood: 'good' }] })).toEqual([one])
    const answered = { model: 'm', version: '1.1.0', said: 0.9 }
    expect(readOutcomes({ format: 1, outcomes: [{ ...one, answered }] })).toEqual([{ ...one, answered }])
  })

  it.each([
    ['format is 2', { format: 2, outcomes: [] }],
    ['format is undefined', null],
    ['outcomes is 7', { format: 1, outcomes: 7 }],
    ['outcomes[1].event is 0.5', { format: 1, outcomes: [one, { ...one, event: 0.5 }] }],
    ['outcomes[0].value is null', { format: 1, outcomes: [{ ...one, value: Number.NaN }] }],
    ['outcomes[0].answered is {"model":"m"}', { format: 1, outcomes: [{ ...one, answered: { model: 'm' } }] }],
    ['outcomes[0].output is 5', { format: 1, outcomes: [{ ...one, output: 5 }] }],
  ])('names what is wrong: %s', (message, value) => {
    expect(() => readOutcomes(value)).toThrow(`outcomes: ${message}`)
  })
})

it('an event is known by another number than the unit of the same id, and by none without the seed', () => {
  expect(eventOf('e-1', 7)).not.toBe(unitOf('e-1', 7))
  expect(eventOf('e-1', 7)).not.toBe(eventOf('e-1', 8))
  expect(eventOf('e-1', 7)).toBe(eventOf('e-1', 7))
})
