/** From a reference profile to the mean of each output, in the form of an answer. */
import { meanOfCounts } from '../core/profile/output-mean.ts'
import { readReferenceProfile } from '../core/profile/read-reference-profile.ts'
import type { ProfileOutput } from '../core/profile/reference-profile.ts'
import type { PredictionOutput } from '../protocol/answers.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { compileOutputs, type RowOutputs } from './output-values.ts'
import type { Tensor } from './ports.ts'
import { rowWidth } from './row-width.ts'

type Output = Manifest['outputs'][number]

/** The mean of a distribution, read as the graph's own row would be; its histogram counts likeliest labels and tells no mean. */
const meanDistribution = (
  manifest: Manifest,
  output: Output,
  mean: ProfileOutput['mean'],
): PredictionOutput | undefined => {
  const width = rowWidth(output)
  if (!Array.isArray(mean) || mean.length !== width) return undefined
  const tensor: Tensor = { datatype: output.datatype, shape: [1, width], data: Float64Array.from(mean) }
  const [row] = compileOutputs({ ...manifest, outputs: [output] })({ [output.name]: tensor }, 1)
  return row instanceof Error ? undefined : row?.[output.name]
}

/** A value without a `coverage` was counted as if it were a probability, which says nothing of its mean. */
const meanScalar = ({ coverage }: Manifest, output: Output, profile: ProfileOutput): PredictionOutput | undefined => {
  if (typeof profile.mean === 'number') return profile.mean
  const isCounted = output.kind === 'probability' || coverage[output.name] !== undefined
  return isCounted ? (meanOfCounts(profile) ?? undefined) : undefined
}

/**
 * The mean of every output of `manifest` by `profile`, the parsed JSON of its `reference.json`: a stated mean where there is one, else that of the
 * histogram. `null` when it is no profile of that version, or does not tell one of them.
 */
export const referenceMeans = (manifest: Manifest, profile: unknown): RowOutputs | null => {
  try {
    const { model, version, outputs } = readReferenceProfile(profile)
    if (model !== manifest.name || version !== manifest.version) return null
    const means: Record<string, PredictionOutput> = {}
    for (const output of manifest.outputs) {
      const counted = outputs.find(({ name }) => name === output.name)
      if (counted === undefined) return null
      const mean =
        output.kind === 'distribution'
          ? meanDistribution(manifest, output, counted.mean)
          : meanScalar(manifest, output, counted)
      if (mean === undefined) return null
      means[output.name] = mean
    }
    return means
  } catch {
    return null
  }
}
