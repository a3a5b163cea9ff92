/**
 * Exact Shapley values of groups of features (Lundberg, Lee: "A Unified Approach to Interpreting Model Predictions", 2017; interventional, as
 * Janzing, Minorics, Blöbaum: "Feature relevance quantification in explainable AI", 2020, have it): what a coalition of groups is worth is the
 * mean prediction with its features from the event and all others from rows of the training data.
 */
import type { FieldGroup } from './field-groups.ts'

/** A coalition is a number whose bit g says that group g takes part. */
export const coalitionCount = (groups: number): number => 2 ** groups

/**
 * The rows to be predicted, coalition by coalition and in each background row by background row, one after the other: `row` with the columns of
 * every group that does not take part replaced by those of the background row. All rows have the width of `row`.
 */
export const coalitionRows = (
  row: ArrayLike<number>,
  background: readonly ArrayLike<number>[],
  groups: readonly FieldGroup[],
): Float64Array => {
  const width = row.length
  const rows = new Float64Array(coalitionCount(groups.length) * background.length * width)
  let at = 0
  for (let coalition = 0; coalition < coalitionCount(groups.length); coalition++) {
    for (const other of background) {
      rows.set(Array.from(row), at)
      groups.forEach(({ columns }, group) => {
        if ((coalition >> group) & 1) return
        for (const column of columns) rows[at + column] = other[column] as number
      })
      at += width
    }
  }
  return rows
}

/** What each coalition is worth: the mean over its rows of `predicted`, which are in the order of `coalitionRows`. */
export const coalitionWorths = (predicted: ArrayLike<number>, backgroundRows: number): Float64Array => {
  const worths = new Float64Array(predicted.length / backgroundRows)
  for (let row = 0; row < predicted.length; row++) {
    const coalition = Math.floor(row / backgroundRows)
    worths[coalition] = (worths[coalition] as number) + (predicted[row] as number) / backgroundRows
  }
  return worths
}

/**
 * The share of each of `groups` groups in the difference between the worth of all and that of none, in the unit of the worths; the shares sum to
 * that difference. `worths[c]` is that of coalition c.
 */
export const shapleyValues = (worths: ArrayLike<number>, groups: number): number[] => {
  // |S|! (n − |S| − 1)! / n! by the size of S, without the factorials.
  const weights = Array.from({ length: groups }, (_, size) => {
    let choices = 1
    for (let k = 0; k < size; k++) choices = (choices * (groups - 1 - k)) / (k + 1)
    return 1 / (groups * choices)
  })
  const sizeOf = (coalition: number): number => {
    let size = 0
    for (let rest = coalition; rest > 0; rest >>= 1) size += rest & 1
    return size
  }
  return Array.from({ length: groups }, (_, group) => {
    const bit = 1 << group
    let value = 0
    for (let coalition = 0; coalition < coalitionCount(groups); coalition++) {
      if (coalition & bit) continue
      const gained = (worths[coalition | bit] as number) - (worths[coalition] as number)
      value += (weights[sizeOf(coalition)] as number) * gained
    }
    return value
  })
}
