/** Lines in pairs, as Elasticsearch's `_bulk` takes them: an action, then the document it is about; `delete` has none. */
import { Kind, NOT_AN_ACTION } from './codes.ts'
import type { Rows } from './rows.ts'

export const BULK_ACTIONS = ['index', 'create', 'update', 'delete'] as const
const DELETE = BULK_ACTIONS.indexOf('delete')

const NO_ACTION = -1

/** What must be asked of every line, behind the caller's own paths: the actions, then the `_id` and the `_index` of each. */
export const BULK_PATHS: readonly string[] = [
  ...BULK_ACTIONS,
  ...BULK_ACTIONS.map((action) => `${action}._id`),
  ...BULK_ACTIONS.map((action) => `${action}._index`),
]

/** Tells actions and documents apart, batch by batch. */
export class BulkPairs {
  /** The first value of `BULK_PATHS` in a row. */
  private readonly firstValue: number
  /** For each row the index of its action, or `NO_ACTION` for a document. */
  private readonly actions: number[] = []

  constructor(firstValue: number) {
    this.firstValue = firstValue
  }

  private actionOf(rows: Rows, row: number): number {
    if (rows.recordKind(row) !== Kind.object) return NO_ACTION
    return BULK_ACTIONS.findIndex((_, action) => rows.kind(row, this.firstValue + action) === Kind.object)
  }

  /**
   * Reads `rows`, the first of which is an action. A line in the place of an action that is none becomes a fault of its own, and the next
   * one is taken for an action. Returns whether the last row is an action that still wants its document.
   */
  pair(rows: Rows): boolean {
    this.actions.length = 0
    let wantsDocument = false
    for (let row = 0; row < rows.count; row++) {
      const action: number = wantsDocument || !rows.isSound(row) ? NO_ACTION : this.actionOf(rows, row)
      if (!wantsDocument && action === NO_ACTION && rows.isSound(row)) {
        rows.setFault(row, NOT_AN_ACTION, rows.recordStart(row))
      }
      this.actions.push(action)
      wantsDocument = action !== NO_ACTION && action !== DELETE
    }
    return wantsDocument
  }

  isAction(row: number): boolean {
    return (this.actions[row] ?? NO_ACTION) !== NO_ACTION
  }

  /** Which values of the action at `row` are its `_id` and its `_index`. */
  valuesOf(row: number): { readonly id: number; readonly index: number } {
    const id = this.firstValue + BULK_ACTIONS.length + (this.actions[row] as number)
    return { id, index: id + BULK_ACTIONS.length }
  }
}
