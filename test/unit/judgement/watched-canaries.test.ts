import { describe, expect, it } from 'vitest'
import { upperBound } from '../../../bench/clopper-pearson.ts'
import { run, runWholeWay } from '../../../bench/judgement-simulation.ts'
import { nullTraffic, type Traffic } from '../../../bench/judgement-traffic.ts'

// `node bench/judgement.ts` runs the same 10,000 times, and longer.
const SEED = 77_000

const FAULTY: Traffic = {
  failures: 'clustered, common to both',
  failureShare: 0.005,
  eventsPerVisitor: 10,
  visitors: 500,
  hostile: 'none',
  secondsBetweenEvents: 0.1,
  shareRises: false,
  atTolerance: false,
}

describe('a canary without a fault, looked at after every vote', () => {
  it('is rolled back in at most 1 % of runs, by the upper 95 % bound', () => {
    const runs = 600
    const small = (traffic: Traffic): Traffic => ({ ...traffic, visitors: Math.min(traffic.visitors, 250) })
    const hits = Array.from({ length: runs }, (_, index) => run(SEED + index, small(nullTraffic(index)), null)).filter(
      ({ breach }) => breach !== null,
    ).length
    expect(upperBound(hits, runs)).toBeLessThanOrEqual(0.01)
  })

  it('would be rolled back far more often if every event had a vote', () => {
    const runs = 60
    const clustered: Traffic = {
      ...FAULTY,
      failures: 'always or never',
      failureShare: 0.05,
      eventsPerVisitor: 25,
      visitors: 100,
    }
    const hits = Array.from({ length: runs }, (_, index) => run(SEED + index, clustered, null, 'event')).filter(
      ({ breach }) => breach !== null,
    ).length
    expect(hits / runs).toBeGreaterThan(0.3)
  })
})

describe('a canary that fails', () => {
  it.each([
    [0.05, 700],
    [0.3, 100],
  ])('on a share of %d of its events is found within %d of them', (share, events) => {
    for (let seed = SEED; seed < SEED + 20; seed++) {
      const result = run(seed, FAULTY, { kind: 'share of events', share, after: 0.2 })
      expect(result.breach).toBe('failures')
      expect(result.events).toBeLessThanOrEqual(events)
    }
  })

  it('is found on the whole way too, from several isolates, and not before it fails', () => {
    for (let seed = SEED; seed < SEED + 3; seed++) {
      const result = runWholeWay(seed, FAULTY, { kind: 'share of events', share: 0.3, after: 0.2 })
      expect(result.breach).toBe('failures')
      expect(result.events).toBeGreaterThan(0)
      // Ten events a second: those until twelve units have voted, and five seconds on the way.
      expect(result.events).toBeLessThanOrEqual(150)
    }
  })
})

it.each([
  [0, 600, 0.006129271330669258],
  [3, 600, 0.014542042139563288],
])('the upper bound of %d in %d is that of scipy', (hits, runs, expected) => {
  expect(upperBound(hits, runs)).toBeCloseTo(expected, 12)
})
