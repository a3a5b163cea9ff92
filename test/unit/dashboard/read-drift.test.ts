import { describe, expect, it } from 'vitest'
import { readDrift } from '../../../src/dashboard/read-drift.ts'

const series = (name: string, verdict: string) => ({
  role: 'field',
  name,
  kind: 'continuous',
  verdict,
  causes: verdict === 'drifted' ? ['shape'] : [],
  current: [0.25, 0.75],
  expected: [0.5, 0.5],
  shift: { p: 0.001, adjusted_p: 0.002, effect: { name: 'jensen_shannon', value: 0.2, least: 0.1 } },
})

describe('reading a drift report', () => {
  it('finds fields and outputs by model, version and window, those that drifted first', () => {
    const report = {
      models: {
        flights: {
          versions: {
            '1.0.0': {
              windows: [{ name: 'day', hours: 24, series: [series('latitude', 'stable'), series('hour', 'drifted')] }],
            },
          },
        },
      },
    }
    expect(readDrift(report).map(({ where, name, verdict }) => [where, name, verdict])).toEqual([
      ['flights 1.0.0 day', 'hour', 'drifted'],
      ['flights 1.0.0 day', 'latitude', 'stable'],
    ])
    expect(readDrift(report)[0]).toMatchObject({
      current: [0.25, 0.75],
      expected: [0.5, 0.5],
      effect: { name: 'jensen_shannon', value: 0.2, least: 0.1 },
      adjustedP: 0.002,
      since: null,
    })
  })

  it('finds nothing in what is no report, however deep or odd it is', () => {
    let deep: unknown = series('latitude', 'stable')
    for (let i = 0; i < 100; i++) deep = [deep]
    for (const odd of [null, 1, 'text', [], {}, deep, { models: [null, 3] }]) expect(readDrift(odd)).toEqual([])
    const bare = { role: 'output', name: 'p', verdict: 'no_data', current: [], expected: ['x'], shift: 3, since: {} }
    expect(readDrift([bare])).toMatchObject([{ current: null, expected: null, effect: null, since: null }])
  })
})
