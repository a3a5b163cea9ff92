/** The mean of an output over the rows of a reference profile. */
import { type ProfileOutput, unpackCounts } from './reference-profile.ts'

/**
 * The mean of the values counted in all slices, each taken for the middle of its bin: exact to half a bin. `null` when nothing was counted.
 * Throws a RangeError for counts that do not fit the layout.
 */
export const meanOfCounts = ({ layout, counts }: Pick<ProfileOutput, 'layout' | 'counts'>): number | null => {
  const { lowest, highest, bins } = layout
  let rows = 0
  let sum = 0
  for (const slice of counts) {
    unpackCounts(slice, bins).forEach((count, bin) => {
      rows += count
      sum += count * (lowest + ((bin + 0.5) * (highest - lowest)) / bins)
    })
  }
  return rows === 0 ? null : sum / rows
}
