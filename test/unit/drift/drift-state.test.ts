import { describe, expect, it } from 'vitest'
import { DRIFT_CONFIG } from '../../../src/core/drift/config.ts'
import { type DriftState, INITIAL_DRIFT_STATE, nextDriftState } from '../../../src/core/drift/drift-state.ts'
import type { SeriesReport, Verdict, WindowReport } from '../../../src/core/drift/report.ts'
import { HOUR, MONDAY } from './small-profile.ts'

const RULES = DRIFT_CONFIG.windows.map(({ name, hours }) => ({ name, hours }))

const reports = (byWindow: Record<string, Verdict>, at: number, name = 'latitude'): WindowReport[] =>
  RULES.map(({ name: window, hours }) => {
    const verdict = byWindow[window] ?? 'stable'
    const series = { role: 'field', name, verdict, causes: verdict === 'drifted' ? ['shape'] : [] }
    return { name: window, hours, until: at, series: [series as unknown as SeriesReport] }
  })

/** Hour after hour; `course` says what each window finds. */
const follow = (
  course: readonly Record<string, Verdict>[],
  from: DriftState = INITIAL_DRIFT_STATE,
  start = 0,
): DriftState =>
  course.reduce((state, byWindow, hour) => {
    const at = MONDAY + (start + hour) * HOUR
    return nextDriftState(state, reports(byWindow, at), at, DRIFT_CONFIG)
  }, from)
const repeat = (times: number, byWindow: Record<string, Verdict>) => new Array(times).fill(byWindow)
const none: Verdict = 'too_few'
const KEY = 'field:latitude'

describe('the state of drift', () => {
  it('is stable since the first evaluation that could judge', () => {
    expect(follow(repeat(3, {})).series[KEY]).toMatchObject({
      status: 'stable',
      since: MONDAY,
      judgedAt: MONDAY + 2 * HOUR,
    })
    expect(follow(repeat(3, { '1h': none, '24h': none, '7d': none })).series).toEqual({})
  })

  it('turns at once on what one hour shows, and after as many evaluations as its rule wants on what a day or a week shows', () => {
    expect(follow([{}, { '1h': 'drifted' }]).series[KEY]).toMatchObject({ status: 'drifted', since: MONDAY + HOUR })
    expect(follow([{}, { '24h': 'drifted' }]).series[KEY].status).toBe('stable')
    expect(follow([{}, ...repeat(2, { '24h': 'drifted' })]).series[KEY]).toMatchObject({
      status: 'drifted',
      since: MONDAY + HOUR,
    })
    expect(follow(repeat(1, { '7d': 'drifted' })).series[KEY].status).toBe('stable')
    expect(follow(repeat(2, { '7d': 'drifted' })).series[KEY]).toMatchObject({ status: 'drifted', since: MONDAY })
  })

  it('does not add up evaluations that are not in a row', () => {
    const course = [{ '24h': 'drifted' }, {}, { '24h': 'drifted' }, {}] as Record<string, Verdict>[]
    expect(follow([...course, ...course]).series[KEY].status).toBe('stable')
  })

  it('is cleared by as many evaluations in a row without drift in any window', () => {
    const drifted = follow([{ '1h': 'drifted' }])
    const still = follow(repeat(DRIFT_CONFIG.clearAfter - 1, {}), drifted, 1)
    expect(still.series[KEY].status).toBe('drifted')
    expect(follow([{}], still, DRIFT_CONFIG.clearAfter).series[KEY]).toMatchObject({
      status: 'stable',
      since: MONDAY + HOUR,
    })
    const relapse = follow(
      [{ '24h': 'drifted' }, ...repeat(DRIFT_CONFIG.clearAfter - 1, {})],
      still,
      DRIFT_CONFIG.clearAfter,
    )
    expect(relapse.series[KEY]).toMatchObject({ status: 'drifted', since: MONDAY })
  })

  it('is neither raised nor cleared by too little data, and says when it was judged last', () => {
    const drifted = follow([{ '1h': 'drifted' }])
    const silent = follow(repeat(30, { '1h': none, '24h': none, '7d': none }), drifted, 1)
    expect(silent.series[KEY]).toEqual(drifted.series[KEY])
    expect(silent.at).toBe(MONDAY + 30 * HOUR)
  })

  it('does not wait for ever for a window that has nothing left of what it found', () => {
    const drifted = follow([{ '1h': 'drifted' }])
    expect(follow(repeat(DRIFT_CONFIG.clearAfter + 1, { '1h': none }), drifted, 1).series[KEY].status).toBe('stable')
  })

  it('is not moved by an evaluation that is told twice or late', () => {
    const once = follow([{ '24h': 'drifted' }])
    expect(nextDriftState(once, reports({ '24h': 'drifted' }, MONDAY), MONDAY, DRIFT_CONFIG)).toBe(once)
    expect(nextDriftState(once, reports({}, MONDAY), MONDAY - HOUR, DRIFT_CONFIG)).toBe(once)
  })

  it('forgets series that the reference no longer has, and survives being stored', () => {
    const state = follow([{ '1h': 'drifted' }])
    const at = MONDAY + HOUR
    expect(Object.keys(nextDriftState(state, reports({}, at, 'longitude'), at, DRIFT_CONFIG).series)).toEqual([
      'field:longitude',
    ])
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  })
})
