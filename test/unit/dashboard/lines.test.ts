import { describe, expect, it } from 'vitest'
import { keepPoints } from '../../../src/dashboard/keep-points.ts'
import { errorLines, latencyLines, stageLines, totalsOf, trafficLines, zipLines } from '../../../src/dashboard/lines.ts'
import type { SeriesCountsAnswer, StatisticsSeries } from '../../../src/protocol/series.ts'

const latency = (p50: number | null) => ({ count: p50 === null ? 0 : 16, unknown: 0, p50, p90: p50, p99: p50 })
const counts = (
  predictions: number,
  more: Partial<SeriesCountsAnswer> = {},
  p50: number | null = 0.004,
): SeriesCountsAnswer => ({
  models: {
    flights: { versions: { '1.0.0': { predictions, errors: {}, degraded: {}, latency: latency(p50), stages: {} } } },
  },
  rejected: {},
  zip_lookups: {},
  accepted: 0,
  lost: 0,
  ...more,
})
const seriesOf = (
  told: readonly (SeriesCountsAnswer | null)[],
  asOf = told.length * 5_000 + 3_000,
): StatisticsSeries => ({
  range: '5m',
  step_seconds: 5,
  from: 0,
  to: told.length * 5_000,
  as_of: asOf,
  counted_since: 0,
  points: told.map((of, index) => ({ from: index * 5_000, to: (index + 1) * 5_000, counts: of })),
  releases: [],
  dead_letters: { waiting: 0 },
  shards: { answered: 4, of: 4 },
})

describe('lines', () => {
  it('have rates, and nothing where nothing is known', () => {
    const { times, lines, gaps } = trafficLines(seriesOf([counts(10), null, null, counts(0)]))
    expect(times).toEqual([2_500, 7_500, 12_500, 17_500])
    expect(lines).toEqual([{ label: 'flights 1.0.0', dash: 0, color: 0, values: [2, null, null, 0] }])
    expect(gaps).toEqual([[5_000, 15_000]])
  })

  it('end before what has not arrived yet, instead of falling', () => {
    expect(trafficLines(seriesOf([counts(10), counts(1)], 7_000)).times).toEqual([])
    expect(trafficLines(seriesOf([counts(10), counts(1)], 10_000)).times).toEqual([2_500])
  })

  it('count what is growing by the time it has grown', () => {
    const series = seriesOf([counts(80)], 40_000)
    const long = { ...series, points: [{ from: 0, to: 60_000, counts: counts(80) }] }
    expect(trafficLines(long).lines[0]?.values).toEqual([2])
  })

  it('name a reason each, wherever it was counted, and the rare ones together', () => {
    const errors = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`code_${i}`, 90 - 10 * i]))
    const failing = counts(0, { rejected: { code_0: 5 } })
    const version = failing.models.flights?.versions['1.0.0']
    if (version !== undefined) Object.assign(version, { errors })
    const { lines } = errorLines(seriesOf([failing]))
    expect(lines.map(({ label }) => label)).toEqual([
      ...['code_0', 'code_1', 'code_2', 'code_3', 'code_4', 'code_5'],
      '3 other reasons',
    ])
    expect(lines.map(({ values }) => values[0])).toEqual([19, 16, 14, 12, 10, 8, 12])
  })

  it('show no latency of what was not measured', () => {
    expect(latencyLines(seriesOf([counts(5, {}, null)])).lines).toEqual([])
    const { lines } = latencyLines(seriesOf([counts(5), counts(5, {}, null)]))
    expect(lines.map(({ label, values }) => [label, values])).toEqual([
      ['1.0.0 p50', [0.004, null]],
      ['1.0.0 p90', [0.004, null]],
      ['1.0.0 p99', [0.004, null]],
    ])
  })

  it('show each stage of each version whose durations are known, and leave gaps where they are not', () => {
    const staged = (infer: number | null): SeriesCountsAnswer => {
      const stages = { parse: latency(null), infer: latency(infer), total: latency(0.005) }
      const version = { predictions: 1, errors: {}, degraded: {}, latency: latency(0.005), stages }
      return counts(1, { models: { flights: { versions: { '1.0.0': version } } } })
    }
    const { lines } = stageLines(seriesOf([staged(0.002), counts(5), staged(null)]))
    expect(lines).toEqual([{ label: 'infer', dash: 0, color: 0, values: [0.002, null, null] }])
    expect(stageLines(seriesOf([staged(null)])).lines).toEqual([])
    const flights = staged(0.002).models.flights
    if (flights === undefined) throw new Error('there is no model')
    const both = counts(1, { models: { flights, shop: flights } })
    expect(stageLines(seriesOf([both])).lines.map(({ label, dash, color }) => [label, dash, color])).toEqual([
      ['flights 1.0.0 infer', 0, 0],
      ['shop 1.0.0 infer', 1, 0],
    ])
  })

  it('show shares of lookups, none of nothing', () => {
    const { lines } = zipLines(seriesOf([counts(4, { zip_lookups: { memory: 3, store: 1 } }), counts(0)]))
    expect(lines.map(({ label, values }) => [label, values])).toEqual([
      ['memory', [0.75, null]],
      ['store', [0.25, null]],
    ])
  })
})

describe('figures of the range', () => {
  it('sum what is known, and say how much is not', () => {
    const series = seriesOf([counts(90), null, counts(5, { rejected: { missing_time: 5 }, lost: 2 })])
    expect(totalsOf(series)).toEqual({
      predictions: 95,
      failed: 5,
      errorShare: 0.05,
      lost: 2,
      rate: 1,
      unknownPoints: 1,
    })
    expect(totalsOf(seriesOf([null]))).toMatchObject({ errorShare: null, rate: null })
  })
})

describe('what was told before', () => {
  it('stays while a shard does not answer, as far as it was over', () => {
    const earlier = seriesOf([counts(1), counts(2)], 7_000)
    const kept = keepPoints(earlier, { ...seriesOf([null, null, null]), releases: null })
    expect(kept.points.map((point) => point.counts?.models.flights?.versions['1.0.0']?.predictions)).toEqual([
      1,
      undefined,
      undefined,
    ])
    expect(kept.releases).toEqual([])
  })

  it('is forgotten with its range, and gives way to what is told now', () => {
    expect(keepPoints({ ...seriesOf([counts(1)]), range: '1h' }, seriesOf([null])).points[0]?.counts).toBe(null)
    expect(keepPoints(seriesOf([counts(1)]), seriesOf([counts(9)]))).toEqual(seriesOf([counts(9)]))
  })
})
