import { beforeAll, describe, expect, it } from 'vitest'
import { DRIFT_CONFIG } from '../../../src/core/drift/config.ts'
import { type DriftState, INITIAL_DRIFT_STATE, nextDriftState } from '../../../src/core/drift/drift-state.ts'
import { judgeDrift } from '../../../src/core/drift/judge.ts'
import { type ReferenceView, referenceView } from '../../../src/core/drift/reference-view.ts'
import { MILLISECONDS_PER_HOUR as HOUR, type HourCounts } from '../../../src/core/drift/window-counts.ts'
import { type Fault, trainingProfile, YEAR_START, yearStream } from './year-stream.ts'

const SEED = 4711
const SHARE_MEMORY = 24
/** Hours before the fault, of which the last week is looked at. */
const BEFORE = 180

describe('a week of the simulated year', () => {
  let reference: ReferenceView
  beforeAll(() => {
    reference = referenceView(trainingProfile(SEED, SHARE_MEMORY), new Set())
  })

  /** The state after each of `hours` hourly evaluations that follow the week before `from`. */
  const follow = (fault: Fault, from: number, hours: number): DriftState[] => {
    const stream = yearStream({ seed: SEED + 1, fault, faultFrom: from, shareMemory: SHARE_MEMORY })
    const kept: HourCounts[] = []
    const states: DriftState[] = []
    for (let hour = 0; hour < from + hours; hour++) {
      kept.push(stream.hour(YEAR_START + hour * HOUR))
      if (hour < from) continue
      const until = YEAR_START + (hour + 1) * HOUR
      const reports = judgeDrift(reference, kept.slice(-168), until, DRIFT_CONFIG)
      states.push(nextDriftState(states.at(-1) ?? INITIAL_DRIFT_STATE, reports, until, DRIFT_CONFIG))
    }
    return states
  }
  const driftedIn = (state: DriftState): string[] =>
    Object.entries(state.series).flatMap(([key, { status }]) => (status === 'drifted' ? [key] : []))

  it('raises nothing by its rhythm and its wandering', () => {
    for (const state of follow('none', BEFORE, 168)) expect(driftedIn(state)).toEqual([])
  })

  it.each([
    ['clock', 'field:hour_of_day', 1],
    ['zips', 'field:longitude', 24],
    ['sensor', 'field:sensor', 1],
    ['score', 'output:score', 168],
  ] as const)(
    'shows the fault "%s" in %s within %i hours, and nothing that is not to be seen of it',
    (fault, key, within) => {
      const states = follow(fault, BEFORE, within)
      expect(driftedIn(states[within - 1])).toContain(key)
      if (fault !== 'clock') expect(driftedIn(states[within - 1])).not.toContain('field:hour_of_day')
      if (fault === 'sensor' || fault === 'score') expect(driftedIn(states[within - 1])).toEqual([key])
    },
  )
})
