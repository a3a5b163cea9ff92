import { describe, expect, it } from 'vitest'
import type { Measure, Rule } from '../../scale/soak-measures.ts'
import type { Reading } from '../../scale/soak-reading.ts'
import { judgeMeasure } from '../../scale/soak-verdicts.ts'

const SECONDS = 100
const TALLY = { requests: 0, accepted: 0, letters: 0, heldBack: 0, unexpected: 0, internal: 0, hung: 0, unavailable: 0 }

/** A reading each second, of which `of` tells the heap. */
const readings = (of: (second: number) => number): Reading[] =>
  Array.from({ length: SECONDS + 1 }, (_, seconds) => ({
    seconds,
    tally: { ...TALLY, milliseconds: 0, kinds: {}, accepted: seconds * 1_000 },
    residentBytes: 0,
    cpuMilliseconds: 0,
    heapUsedBytes: 0,
    heapLiveBytes: of(seconds),
    bufferBytes: 0,
    census: { sent: 0, done: 0, wasmBytes: 0, objects: {}, archive: {} },
    diskBytes: 0,
    commands: 0,
  }))

const measure = (rule: Rule): Measure => ({ name: 'heap', unit: 'MiB', of: ({ heapLiveBytes }) => heapLiveBytes, rule })
const judged = (rule: Rule, of: (second: number) => number) => judgeMeasure(measure(rule), readings(of), SECONDS)

describe('a flat measure', () => {
  const flat: Rule = { kind: 'flat', most: 5 }

  it('may fill up in the first quarter', () => {
    expect(judged(flat, (second) => Math.min(second, 25) * 10)).toMatchObject({ holds: true, name: 'heap, MiB' })
  })

  it('may swing, and may shrink', () => {
    expect(judged(flat, (second) => 20 + (second % 7)).holds).toBe(true)
    expect(judged(flat, (second) => 1_000 - second).holds).toBe(true)
  })

  it('may not grow slowly for all the rest', () => {
    expect(judged(flat, (second) => 20 + second * 0.1)).toMatchObject({ holds: false, found: '30.0, grew by 7.5' })
  })
})

describe('a measure that grows with what is accepted', () => {
  const straight: Rule = { kind: 'straight', by: 'event', driver: ({ tally }) => tally.accepted, bend: 0.2 }

  it('takes so much for each', () => {
    expect(judged(straight, (second) => 5 + second * 1_000 * 0.25)).toMatchObject({
      holds: true,
      found: '0.250 a event, the later half 1.0 times the earlier',
    })
  })

  it('may take less, but not more and more', () => {
    expect(judged(straight, (second) => Math.sqrt(second)).holds).toBe(true)
    expect(judged(straight, (second) => second ** 2).holds).toBe(false)
  })
})

describe('a bounded measure', () => {
  const lately: Rule = {
    kind: 'bounded',
    by: 'ten seconds',
    bound: ({ seconds }, earlier) => seconds - (earlier.findLast((one) => one.seconds <= seconds - 10)?.seconds ?? 0),
  }

  it('holds while no reading exceeds its bound', () => {
    expect(judged(lately, (second) => Math.min(second, 10))).toMatchObject({ holds: true, found: 'at most 10.0' })
  })

  it('fails at a single one, in the warm-up too', () => {
    expect(judged(lately, (second) => (second === 5 ? 6 : 0))).toMatchObject({
      holds: false,
      found: '6.0 where 5.0 may be',
    })
  })
})

it('fails where there is no figure', () => {
  expect(judged({ kind: 'flat', most: 5 }, () => Number.NaN).holds).toBe(false)
})
