/** A model's answers for the rows of a table. */
import type { Failure } from '../../core/failure.ts'
import type { LoadedModel } from '../../serving/open-model.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { featureRows } from './feature-rows.ts'
import type { FeatureTable } from './feature-table.ts'

/** Bounds what stands between table and answers, not the table itself. */
const ROWS_AT_ONCE = 8_192

/** One entry a row, in order: the named outputs, or why there are none. `onShare` is told how much is done, in [0, 1]. */
export const scoreTable = async (
  model: LoadedModel,
  table: FeatureTable,
  onShare: (share: number) => void = () => undefined,
): Promise<(RowOutputs | Failure)[]> => {
  const answers: (RowOutputs | Failure)[] = []
  for (let from = 0; from < table.rows; from += ROWS_AT_ONCE) {
    const to = Math.min(from + ROWS_AT_ONCE, table.rows)
    for (const answer of await model.predictRows(featureRows(model.manifest, table, from, to))) answers.push(answer)
    onShare(to / table.rows)
  }
  return answers
}
