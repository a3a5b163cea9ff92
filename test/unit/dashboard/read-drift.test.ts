import { describe, expect, it } from 'vitest'
import { isDrift, shownSeries } from '../../../src/dashboard/read-drift.ts'
import type { Drift, DriftSeriesAnswer } from '../../../src/protocol/drift.ts'

const series = (
  name: string,
  verdict: DriftSeriesAnswer['verdict'],
  status: DriftSeriesAnswer['status'],
): DriftSeriesAnswer => ({
  ...{ role: 'field', name, kind: 'continuous', verdict, status, causes: [], since: null, events: 0 },
  sizes: { current: 0, reference: 0, current_effective: 0, reference_effective: 0 },
  ...{ coverage: null, bins: { edges: [0] }, expected: null, shift: null, missing: null, new_values: null },
  current: verdict === 'no_data' ? null : [0.5, 0.5],
})
const report = (...windows: Drift['versions'][number]['windows']): Drift => ({
  ...{ evaluated_at: 0, stale: false },
  versions: [{ model_name: 'flights', model_version: '1.0.0', reason: null, windows }],
})
const told = (drift: Drift): string[] => shownSeries(drift).map((one) => `${one.where} ${one.series.name}`)

describe('what a drift report shows', () => {
  it('is the shortest window that found drift, else the longest with something to compare, those that drifted first', () => {
    const windows = [
      {
        ...{ name: '1h', hours: 1, until: 0 },
        series: [series('quiet', 'stable', 'stable'), series('moved', 'drifted', 'drifted')],
      },
      {
        ...{ name: '24h', hours: 24, until: 0 },
        series: [series('quiet', 'stable', 'stable'), series('moved', 'drifted', 'drifted')],
      },
      {
        ...{ name: '7d', hours: 168, until: 0 },
        series: [series('quiet', 'no_data', 'stable'), series('moved', 'no_data', 'drifted')],
      },
    ]
    expect(told(report(...windows))).toEqual(['flights 1.0.0 1h moved', 'flights 1.0.0 24h quiet'])
  })

  it('is nothing where nothing was judged', () => {
    expect(told(report())).toEqual([])
    expect(told({ versions: [] } as unknown as Drift)).toEqual([])
  })

  it('is only read in the form it has', () => {
    expect(isDrift(report())).toBe(true)
    expect([null, 3, {}, { versions: [null] }, { versions: [{}] }].map(isDrift)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
