import { describe, expect, it } from 'vitest'
import { latencyLines, trafficLines } from '../../../src/dashboard/lines.ts'
import { syntheticModels } from '../../../src/dashboard/read-models.ts'
import type { StatisticsSeries } from '../../../src/protocol/series.ts'

const listed = (name: string, evidence: string) => ({ name, manifest: { evidence } })

const counted = (...models: string[]): StatisticsSeries => {
  const latency = { count: 1, unknown: 0, p50: 0.1, p90: 0.2, p99: 0.3 }
  const versions = { '1.0.0': { predictions: 1, errors: {}, degraded: {}, latency, stages: {} } }
  const counts = {
    models: Object.fromEntries(models.map((model) => [model, { versions }])),
    ...{ rejected: {}, zip_lookups: {}, accepted: 0, lost: 0 },
  }
  return {
    ...{ range: '5m', step_seconds: 5, from: 0, to: 5_000, as_of: 60_000, counted_since: 0 },
    points: [{ from: 0, to: 5_000, counts }],
    ...{ releases: [], dead_letters: null, shards: { answered: 1, of: 1 } },
  }
}
const labels = ({ lines }: { lines: readonly { label: string }[] }): string[] => lines.map(({ label }) => label)

describe('what the page knows of evidence', () => {
  it('is which models are synthetic, by their manifests', () => {
    const answer = { models: [listed('late-arrival', 'real'), listed('delivery-days', 'synthetic')] }
    expect([...syntheticModels(answer)]).toEqual(['delivery-days'])
  })

  it('is nothing where the answer has another form', () => {
    for (const answer of [
      null,
      3,
      {},
      { models: 'two' },
      { models: [null, {}, { name: 'a' }, { name: 'a', manifest: null }] },
    ])
      expect([...syntheticModels(answer)]).toEqual([])
  })

  it('stands beside the name of a model in the legend', () => {
    const series = counted('delivery-days', 'late-arrival')
    expect(labels(trafficLines(series, new Set(['delivery-days'])))).toEqual([
      'delivery-days 1.0.0, synthetic',
      'late-arrival 1.0.0',
    ])
  })

  it('does not take the place of the name: versions of two models are told apart', () => {
    expect(labels(latencyLines(counted('late-arrival')))[0]).toBe('1.0.0 p50')
    expect(labels(latencyLines(counted('delivery-days', 'late-arrival')))[0]).toBe('delivery-days 1.0.0 p50')
  })
})
