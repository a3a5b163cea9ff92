/** The bins each output is counted in. */
import { labelLayout, PROBABILITY_LAYOUT } from '../core/statistics/bin-counts.ts'
import type { LayoutOf } from '../core/statistics/version-recorder.ts'
import type { DescribedRepository } from './describe-models.ts'
import { rowWidth } from './row-width.ts'

/** A `value` has no natural bounds: it is counted over the range its manifest gives under `coverage`, or as a probability. */
export const outputLayouts =
  (repository: DescribedRepository): LayoutOf =>
  (model, version, name) => {
    const manifest = repository.manifest(model, version)
    const output = manifest?.outputs.find((candidate) => candidate.name === name)
    if (manifest === null || output === undefined) return PROBABILITY_LAYOUT
    if (output.kind === 'distribution') return labelLayout(rowWidth(output))
    const range = manifest.coverage[name]
    if (output.kind === 'probability' || range === undefined) return PROBABILITY_LAYOUT
    return { lowest: range[0], highest: range[1], bins: PROBABILITY_LAYOUT.bins }
  }
