/** The lines that charts draw, from the points that the server tells. */
import type { SeriesCountsAnswer, StatisticsSeries } from '../protocol/series.ts'

export interface Line {
  readonly label: string
  /** One for each of the chart's times; `null`: not known. */
  readonly values: readonly (number | null)[]
  /** Which of a few dashes it has; 0 is solid. */
  readonly dash: number
  /** Which colour it has: lines of one colour belong together. */
  readonly color: number
}

export interface Lines {
  /** The middles of the points, epoch milliseconds. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  /** Stretches in which nothing is known, epoch milliseconds. */
  readonly gaps: readonly (readonly [from: number, to: number])[]
}

type Point = StatisticsSeries['points'][number]

/** What happened reaches the server a second or two later. */
const LAG_MILLISECONDS = 3_000
/** A point that is still growing says something from this age on. */
const YOUNGEST_MILLISECONDS = 30_000
/** More lines than this are not told apart; the least of them are drawn as one. */
const MOST_LINES = 7

/** The points whose counts have arrived, each with the seconds it stands for. */
const arrived = ({ points, as_of }: StatisticsSeries): readonly { readonly point: Point; readonly seconds: number }[] =>
  points.flatMap((point) => {
    const isOver = point.to <= as_of - LAG_MILLISECONDS
    if (!isOver && as_of - point.from < YOUNGEST_MILLISECONDS) return []
    return [{ point, seconds: (Math.min(point.to, as_of) - point.from) / 1_000 }]
  })

const gapsOf = (points: readonly Point[]): readonly (readonly [number, number])[] => {
  const gaps: [number, number][] = []
  for (const { from, to, counts } of points) {
    if (counts !== null) continue
    const last = gaps.at(-1)
    if (last !== undefined && last[1] === from) last[1] = to
    else gaps.push([from, to])
  }
  return gaps
}

type Measure = (counts: SeriesCountsAnswer, seconds: number) => number | null
type Named = Pick<Line, 'label' | 'dash' | 'color'> & { readonly measure: Measure }

const linesOf = (series: StatisticsSeries, named: readonly Named[]): Lines => {
  const shown = arrived(series)
  return {
    times: shown.map(({ point }) => (point.from + point.to) / 2),
    lines: named.map(({ measure, ...line }) => ({
      ...line,
      values: shown.map(({ point, seconds }) => (point.counts === null ? null : measure(point.counts, seconds))),
    })),
    gaps: gapsOf(shown.map(({ point }) => point)),
  }
}

const counted = ({ points }: StatisticsSeries): readonly SeriesCountsAnswer[] =>
  points.flatMap(({ counts }) => counts ?? [])

/** Every model version that was counted, in order of its name. */
const versionsOf = (series: StatisticsSeries): readonly { readonly model: string; readonly version: string }[] => {
  const keys = new Set<string>()
  for (const { models } of counted(series))
    for (const [model, { versions }] of Object.entries(models))
      for (const version of Object.keys(versions)) keys.add(`${model}@${version}`)
  return [...keys].sort().map((key) => {
    const at = key.lastIndexOf('@')
    return { model: key.slice(0, at), version: key.slice(at + 1) }
  })
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Predictions a second by version, and events stored to be predicted later. `synthetic`: the models whose lines say so. */
export const trafficLines = (series: StatisticsSeries, synthetic: ReadonlySet<string> = new Set()): Lines => {
  const versions = versionsOf(series).map(
    ({ model, version }, index): Named => ({
      label: `${model} ${version}${synthetic.has(model) ? ', synthetic' : ''}`,
      dash: 0,
      color: index,
      measure: (counts, seconds) => (counts.models[model]?.versions[version]?.predictions ?? 0) / seconds,
    }),
  )
  const isAccepting = counted(series).some(({ accepted }) => accepted > 0)
  const accepted: Named = {
    label: 'accepted for later',
    dash: 1,
    color: versions.length,
    measure: (counts, seconds) => counts.accepted / seconds,
  }
  return linesOf(series, isAccepting ? [...versions, accepted] : versions)
}

/** What failed in a point, by code, whether a version was chosen or not. */
const failuresIn = ({ models, rejected }: SeriesCountsAnswer): ReadonlyMap<string, number> => {
  const failures = new Map(Object.entries(rejected))
  for (const { versions } of Object.values(models))
    for (const { errors } of Object.values(versions))
      for (const [code, count] of Object.entries(errors)) failures.set(code, (failures.get(code) ?? 0) + count)
  return failures
}

/** Keys by how often they were counted, the commonest first. */
const byCount = (all: readonly ReadonlyMap<string, number>[]): readonly string[] => {
  const sums = new Map<string, number>()
  for (const counts of all) for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count)
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key)
}

/** Failed events and requests a second, by reason. */
export const errorLines = (series: StatisticsSeries): Lines => {
  const codes = byCount(counted(series).map(failuresIn))
  const own = codes.length > MOST_LINES ? codes.slice(0, MOST_LINES - 1) : codes
  const others = codes.slice(own.length)
  const lines = own.map(
    (code, index): Named => ({
      label: code,
      dash: 0,
      color: index,
      measure: (counts, seconds) => (failuresIn(counts).get(code) ?? 0) / seconds,
    }),
  )
  if (others.length === 0) return linesOf(series, lines)
  const measure: Measure = (counts, seconds) => {
    const failures = failuresIn(counts)
    return others.reduce((sum, code) => sum + (failures.get(code) ?? 0), 0) / seconds
  }
  return linesOf(series, [...lines, { label: `${others.length} other reasons`, dash: 1, color: own.length, measure }])
}

const QUANTILES = ['p50', 'p90', 'p99'] as const

/** Quantiles of wall time by version, in seconds; a version without a known duration has no line. */
export const latencyLines = (series: StatisticsSeries): Lines => {
  const measured = versionsOf(series).filter(({ model, version }) =>
    counted(series).some(({ models }) => (models[model]?.versions[version]?.latency.count ?? 0) > 0),
  )
  const isOneModel = new Set(measured.map(({ model }) => model)).size < 2
  return linesOf(
    series,
    measured.flatMap(({ model, version }, color) =>
      QUANTILES.map(
        (quantile, dash): Named => ({
          label: `${isOneModel ? '' : `${model} `}${version} ${quantile}`,
          dash: QUANTILES.length - 1 - dash,
          color,
          measure: (counts) => counts.models[model]?.versions[version]?.latency[quantile] ?? null,
        }),
      ),
    ),
  )
}

/** The slower end of each stage by version, in seconds: its p90. Lines of one colour are one stage; `total` has a chart of its own. */
export const stageLines = (series: StatisticsSeries): Lines => {
  const seen = versionsOf(series).flatMap(({ model, version }) => {
    const stages = new Set(
      counted(series).flatMap(({ models }) => Object.keys(models[model]?.versions[version]?.stages ?? {})),
    )
    stages.delete('total')
    return [...stages].map((stage) => ({ model, version, stage }))
  })
  const p90 = ({ models }: SeriesCountsAnswer, { model, version, stage }: (typeof seen)[number]): number | null =>
    models[model]?.versions[version]?.stages[stage]?.p90 ?? null
  const known = seen.filter((one) => counted(series).some((counts) => p90(counts, one) !== null))
  const stages = [...new Set(known.map(({ stage }) => stage))]
  const isOneModel = new Set(known.map(({ model }) => model)).size < 2
  const nameOf = ({ model, version }: (typeof seen)[number]): string => (isOneModel ? version : `${model} ${version}`)
  const versions = [...new Set(known.map(nameOf))]
  return linesOf(
    series,
    known.map(
      (one): Named => ({
        label: versions.length === 1 ? one.stage : `${nameOf(one)} ${one.stage}`,
        dash: Math.min(versions.indexOf(nameOf(one)), QUANTILES.length - 1),
        color: stages.indexOf(one.stage),
        measure: (counts) => p90(counts, one),
      }),
    ),
  )
}

/** Shares of the lookups of zip features, by how they ended, in [0, 1]; `null` where there were none. */
export const zipLines = (series: StatisticsSeries): Lines => {
  const ends = byCount(counted(series).map(({ zip_lookups }) => new Map(Object.entries(zip_lookups)))).slice(
    0,
    MOST_LINES,
  )
  return linesOf(
    series,
    ends.map((end, color) => ({
      label: end,
      dash: 0,
      color,
      measure: ({ zip_lookups }) => {
        const all = sumOf(zip_lookups)
        return all === 0 ? null : (zip_lookups[end] ?? 0) / all
      },
    })),
  )
}

export interface RangeTotals {
  readonly predictions: number
  readonly failed: number
  /** Failed among all, in [0, 1]; `null` without events. */
  readonly errorShare: number | null
  readonly lost: number
  /** Predictions a second in the last point that is over; `null` when that is not known. */
  readonly rate: number | null
  /** Points of which nothing is known. */
  readonly unknownPoints: number
}

/** What the whole range comes to, as far as it is known. */
export const totalsOf = (series: StatisticsSeries): RangeTotals => {
  let [predictions, failed, lost] = [0, 0, 0]
  for (const counts of counted(series)) {
    for (const { versions } of Object.values(counts.models))
      for (const version of Object.values(versions)) predictions += version.predictions
    failed += sumOf(Object.fromEntries(failuresIn(counts)))
    lost += counts.lost
  }
  const shown = arrived(series)
  const last = shown.at(-1)
  const predicted = ({ models }: SeriesCountsAnswer): number =>
    Object.values(models)
      .flatMap(({ versions }) => Object.values(versions))
      .reduce((sum, version) => sum + version.predictions, 0)
  return {
    predictions,
    failed,
    errorShare: predictions + failed === 0 ? null : failed / (predictions + failed),
    lost,
    rate: last === undefined || last.point.counts === null ? null : predicted(last.point.counts) / last.seconds,
    unknownPoints: shown.filter(({ point }) => point.counts === null).length,
  }
}
