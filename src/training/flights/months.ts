/** How the share of late flights, and the model's rank order, move from month to month. */
import { areaUnderCurve } from '../evaluation/auc.ts'
import { firstAtOrAfter } from '../evaluation/split.ts'
import { positiveShare } from '../matrix.ts'
import type { FlightEvents } from './events.ts'
import type { MonthFigures } from './figures.ts'

const MONTHS = ['2001-01', '2001-02', '2001-03', '2001-04', '2001-05', '2001-06', '2001-07']

/** The six months in UTC; `heldOut` holds the probabilities of the events from `test` on. What spills into July counts as June. */
export const monthFigures = (events: FlightEvents, heldOut: Float32Array, test: number): MonthFigures[] => {
  const starts = MONTHS.map((month) => firstAtOrAfter(events.createdDateTime, Date.parse(`${month}-01T00:00:00Z`)))
  return MONTHS.slice(0, -1).map((month, index) => {
    const from = index === 0 ? 0 : starts[index]
    const to = index === MONTHS.length - 2 ? events.labels.length : starts[index + 1]
    const labels = events.labels.subarray(from, to)
    return {
      month,
      rows: to - from,
      positiveShare: positiveShare(labels),
      auc: from < test ? undefined : areaUnderCurve(heldOut.subarray(from - test, to - test), labels),
    }
  })
}
