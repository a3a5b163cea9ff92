/** The bins each output is counted in. */
import { type BinLayout, labelLayout, PROBABILITY_LAYOUT } from '../core/statistics/bin-counts.ts'
import type { LayoutOf } from '../core/statistics/version-recorder.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { DescribedRepository } from './describe-models.ts'
import { rowWidth } from './row-width.ts'

/** A `value` has no natural bounds: it is counted over the range its manifest gives under `coverage`, or as a probability. */
export const layoutOfOutput = ({ coverage }: Manifest, output: Manifest['outputs'][number]): BinLayout => {
  if (output.kind === 'distribution') return labelLayout(rowWidth(output))
  const range = coverage[output.name]
  if (output.kind === 'probability' || range === undefined) return PROBABILITY_LAYOUT
  return { lowest: range[0], highest: range[1], bins: PROBABILITY_LAYOUT.bins }
}

export const outputLayouts =
  (repository: DescribedRepository): LayoutOf =>
  (model, version, name) => {
    const manifest = repository.manifest(model, version)
    const output = manifest?.outputs.find((candidate) => candidate.name === name)
    return manifest === null || output === undefined ? PROBABILITY_LAYOUT : layoutOfOutput(manifest, output)
  }
