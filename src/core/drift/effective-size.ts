/** How many independent draws a window is worth: events of one hour are more alike than that. */
import { type Compared, type ComparedRow, sumRows } from './compared-series.ts'
import type { Wander } from './config.ts'
import { MILLISECONDS_PER_HOUR } from './window-counts.ts'

const HOURS_PER_DAY = 24

const byTime = (rows: readonly ComparedRow[]): ComparedRow[] => [...rows].sort((a, b) => a.startsAt - b.startsAt)

/**
 * Σ Σ w(t) w(u) exp(−|t − u| / memory) over the rows' shares w of the whole: the variance of the window's mean of a process that has variance 1 in each hour, in
 * (0, 1]. 1 for one hour, about 2 · memory / hours for a long window; 0 for none. `memoryHours` > 0.
 */
export const persistence = ({ rows, size }: Pick<Compared, 'rows' | 'size'>, memoryHours: number): number => {
  let [sum, carried, before] = [0, 0, 0]
  for (const row of byTime(rows)) {
    const weight = row.size / size
    carried *= Math.exp((before - row.startsAt) / (memoryHours * MILLISECONDS_PER_HOUR))
    sum += weight * (weight + 2 * carried)
    carried += weight
    before = row.startsAt
  }
  return sum
}

interface RowDeviance {
  readonly sum: number
  readonly degrees: number
  readonly size: number
}

/** Pearson's sum for one row against what is expected of it when the whole window is tilted to what was observed of it; cells − 1 degrees of freedom. */
const rowDeviance = ({ observed, expected }: ComparedRow, tilt: Float64Array): RowDeviance => {
  let [all, size, cells, squares] = [0, 0, 0, 0]
  for (let cell = 0; cell < tilt.length; cell++) {
    const tilted = (expected[cell] as number) * (tilt[cell] as number)
    if (tilted === 0) continue
    const count = observed[cell] as number
    all += tilted
    size += count
    squares += (count * count) / tilted
    cells++
  }
  // Σ (O − E)² / E with E = tilted · size / all, whose sum is that of O.
  const sum = size === 0 ? 0 : (squares * all) / size - size
  return { sum, degrees: Math.max(0, cells - 1), size }
}

/** Median of chi-square over its mean. Source: E. Wilson and M. Hilferty, "The Distribution of Chi-Square", 1931. */
const medianFactor = (degrees: number): number => (1 - 2 / (9 * degrees)) ** 3

const medianOf = (numbers: readonly number[]): number => {
  const ordered = [...numbers].sort((a, b) => a - b)
  const middle = ordered.length >> 1
  return ordered.length % 2 === 1
    ? (ordered[middle] as number)
    : ((ordered[middle - 1] as number) + (ordered[middle] as number)) / 2
}

/** By hour of the day where most of the hours have another of their kind, else all rows in one. */
const groupsOf = ({ rows }: Compared): readonly (readonly ComparedRow[])[] => {
  const groups = new Map<number, ComparedRow[]>()
  for (const row of rows) {
    const hour = Math.floor(row.startsAt / MILLISECONDS_PER_HOUR) % HOURS_PER_DAY
    const group = groups.get(hour)
    if (group === undefined) groups.set(hour, [row])
    else group.push(row)
  }
  const repeated = [...groups.values()].filter(({ length }) => length > 1)
  return repeated.reduce((sum, { length }) => sum + length, 0) > rows.length / 2 ? repeated : [rows]
}

/** For each row of `group` how much it differs from the whole group, as an estimate of ρ. */
const estimatesOf = (group: readonly ComparedRow[], memoryHours: number): number[] => {
  const whole = { rows: group, size: group.reduce((sum, { size }) => sum + size, 0) }
  const { observed, expected } = sumRows(whole)
  const tilt = observed.map((count, cell) => (expected[cell] === 0 ? 0 : count / (expected[cell] as number)))
  const telling = group.map((row) => rowDeviance(row, tilt)).filter(({ degrees, size }) => degrees > 0 && size > 1)
  if (telling.length < 2) return []
  // The tilt was fitted: it took as many degrees as one row has.
  const used = telling.length / (telling.length - 1)
  const between = Math.max(1 - persistence(whole, memoryHours), 1 / telling.length)
  return telling.map(
    ({ sum, degrees, size }) => ((sum * used) / degrees / medianFactor(degrees) - 1) / (size - 1) / between,
  )
}

/**
 * The intraclass correlation ρ of the events of an hour, between the bounds of `wander`. Pearson's sum for an hour of n events is about chi-square of
 * cells − 1 degrees times 1 + (n − 1) ρ; the median over the hours is not moved by a fault in a few of them. What the hours share with each other does
 * not show between them, so the estimate is divided by 1 − persistence. An hour is held against the same hour of other days, and expected counts follow
 * what was seen there: a steady drift is no wander, also if it moves another bin at noon than at night. In the first day all hours are held against each other.
 * Sources: L. Kish, Survey Sampling, 1965 (design effect 1 + (n − 1) ρ); J. Rao and A. Scott, "On Chi-Squared Tests for Multiway
 * Contingency Tables with Cell Proportions Estimated from Survey Data", 1984 (first-order correction of Pearson's test by it).
 */
export const wanderOf = (compared: Compared, { least, greatest, memoryHours }: Wander): number => {
  const estimates = groupsOf(compared).flatMap((group) => estimatesOf(group, memoryHours))
  return estimates.length === 0 ? least : Math.min(greatest, Math.max(least, medianOf(estimates)))
}

export interface EffectiveSizes {
  readonly current: number
  readonly reference: number
}

/**
 * Sizes of two samples of independent draws that would vary as much: 1 / (1 / n + ρ · persistence) and the same for the reference, which saw each hour of
 * the week in `weeks` weeks. Both 0 for an empty window.
 */
export const effectiveSizes = (compared: Compared, rho: number, memoryHours: number, weeks: number): EffectiveSizes => {
  if (compared.size === 0 || compared.referenceRows === 0) return { current: 0, reference: 0 }
  const wander = rho * persistence(compared, memoryHours)
  return {
    current: 1 / (1 / compared.size + wander),
    reference: 1 / (1 / compared.referenceRows + wander / weeks),
  }
}
