/** Finds the type of a column of labels. */
import { type LabelColumn, LabelKind } from '../rows/batch.ts'

/** The narrowest type that holds every value: booleans alone, numbers too, anything. A double where there is no value. */
export const typeOfLabel = (labels: readonly LabelColumn[]): 'boolean' | 'double' | 'text' => {
  const seen = new Set<number>()
  for (const { kinds } of labels) for (let row = 0; row < kinds.length; row++) seen.add(kinds[row])
  seen.delete(LabelKind.absent)
  const kinds = [...seen]
  if (kinds.some((kind) => kind > LabelKind.digits)) return 'text'
  return kinds.length > 0 && kinds.every((kind) => kind < LabelKind.number) ? 'boolean' : 'double'
}
