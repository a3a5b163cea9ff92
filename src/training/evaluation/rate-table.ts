/** The simplest rival of a model: the late share of each cell of a table, counted in the training rows. */

/** A cell's rate counts as much as this many rows of the hour's rate would: rare cells lean on it, unseen ones take it. */
export const PRIOR_ROWS = 50

const shares = (cells: Int32Array, labels: Uint8Array, priorOf: (row: number) => number): Map<number, number> => {
  const sums = new Map<number, { rows: number; positives: number; prior: number }>()
  for (let row = 0; row < labels.length; row++) {
    const cell = sums.get(cells[row])
    if (cell === undefined) sums.set(cells[row], { rows: 1, positives: labels[row], prior: priorOf(row) })
    else {
      cell.rows++
      cell.positives += labels[row]
    }
  }
  return new Map(
    Array.from(sums, ([key, { rows, positives, prior }]) => [
      key,
      (positives + PRIOR_ROWS * prior) / (rows + PRIOR_ROWS),
    ]),
  )
}

/** The keys of one set of rows: the cell, and the wider cell it leans on (its hour). */
export interface CellKeys {
  readonly cells: Int32Array
  readonly widerCells: Int32Array
}

/**
 * The table's probability for each row of `tested`, counted in `trained`:
 * rate(cell) = (late + 50 · rate(wider cell)) / (rows + 50), where rate(wider cell) leans the same way on the rate of all rows.
 * A cell never seen takes its wider cell's rate, and that one, if never seen, the rate of all rows. In [0, 1].
 */
export const rateTable = (trained: CellKeys, labels: Uint8Array, tested: CellKeys): Float32Array => {
  let positives = 0
  for (const label of labels) positives += label
  const all = positives / labels.length
  const wider = shares(trained.widerCells, labels, () => all)
  const widerOf = (key: number): number => wider.get(key) ?? all
  const narrow = shares(trained.cells, labels, (row) => widerOf(trained.widerCells[row]))
  return Float32Array.from(tested.cells, (cell, row) => narrow.get(cell) ?? widerOf(tested.widerCells[row]))
}
