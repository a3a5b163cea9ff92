/** A distribution over days out of one ensemble: for each day its trees give the odds that what has not come yet comes then. */
import { type Ensemble, treeValue } from '../gbdt/tree.ts'
import { type Matrix, rowCount } from '../matrix.ts'
import { openTable, TABLE_DAYS } from './open-days.ts'
import { DAY_LABELS, LAST_DAY } from './transit.ts'

/**
 * A row for each day after an order: what is known of the order, and of the days between. `open_days` counts the open ones after the order's own.
 */
export const DAY_COLUMNS = [
  'distance_km',
  'local_minute_of_day',
  'open_on_order_day',
  'open_days',
  'open_today',
] as const

const WIDTH = DAY_COLUMNS.length

/** What is missing is taken for the first of January, a Monday; what lies outside for the nearest day. The graph does the same. */
const calendarNumber = (value: number, least: number, greatest: number): number =>
  Number.isNaN(value) ? least : Math.trunc(Math.min(Math.max(value, least), greatest))

/** The rows of one order, for days 0 to `LAST_DAY` − 1, written to `into` from `at` on. `values`: a row of the feature view. */
const writeDays = (
  values: ArrayLike<number>,
  offset: number,
  into: Float32Array,
  at: number,
  days = LAST_DAY,
): void => {
  const table = openTable()
  const number = calendarNumber(values[offset], 1, 366) - 1
  const weekday = calendarNumber(values[offset + 1], 0, 6)
  const openOn = (day: number): number => table[((weekday + day) % 7) * TABLE_DAYS + number + day]
  let sum = 0
  for (let day = 0; day < days; day++) {
    if (day > 0) sum = Math.fround(sum + openOn(day))
    into.set([values[offset + 3], values[offset + 2], openOn(0), sum, openOn(day)], at + day * WIDTH)
  }
}

/** The rows to learn from: of each order the days until it was delivered, the last one with label 1. */
export const hazardRows = (orders: Matrix): Matrix => {
  const width = orders.names.length
  const rows = orders.labels.reduce((sum, day) => sum + Math.min(day + 1, LAST_DAY), 0)
  const values = new Float32Array(rows * WIDTH)
  const labels = new Uint8Array(rows)
  let row = 0
  for (let order = 0; order < rowCount(orders); order++) {
    const day = orders.labels[order]
    const days = Math.min(day + 1, LAST_DAY)
    writeDays(orders.values, order * width, values, row * WIDTH, days)
    row += days
    if (day < LAST_DAY) labels[row - 1] = 1
  }
  return { names: DAY_COLUMNS, values, labels }
}

/** The chances of each label for every order of `orders`, one order after the other, as the graph gives them. */
export const predictDays = (ensemble: Ensemble, orders: Pick<Matrix, 'names' | 'values'>): Float32Array => {
  const width = orders.names.length
  const count = orders.values.length / width
  const shares = new Float32Array(count * DAY_LABELS.length)
  const rows = new Float32Array(LAST_DAY * WIDTH)
  for (let order = 0; order < count; order++) {
    writeDays(orders.values, order * width, rows, 0)
    let logLeft = 0
    let left = 1
    for (let day = 0; day < LAST_DAY; day++) {
      let odds = ensemble.base
      for (const tree of ensemble.trees) odds += treeValue(tree, rows, day * WIDTH)
      // ln(1 − hazard) = −softplus(log-odds)
      logLeft -= Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds)))
      const next = Math.exp(logLeft)
      shares[order * DAY_LABELS.length + day] = left - next
      left = next
    }
    shares[order * DAY_LABELS.length + LAST_DAY] = left
  }
  return shares
}
