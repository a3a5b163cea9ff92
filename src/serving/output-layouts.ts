/** The bins each output is counted in. */
import type { ComparedOutput } from '../core/judgement/compared-events.ts'
import type { JudgedOutput } from '../core/judgement/output-recorder.ts'
import { type BinLayout, labelLayout, PROBABILITY_LAYOUT } from '../core/statistics/bin-counts.ts'
import type { LayoutOf } from '../core/statistics/version-recorder.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { rowWidth } from './row-width.ts'

/** A `value` has no natural bounds: it is counted over the range its manifest gives under `coverage`, or as a probability. */
export const layoutOfOutput = ({ coverage }: Manifest, output: Manifest['outputs'][number]): BinLayout => {
  if (output.kind === 'distribution') return labelLayout(rowWidth(output))
  const range = coverage[output.name]
  if (output.kind === 'probability' || range === undefined) return PROBABILITY_LAYOUT
  return { lowest: range[0], highest: range[1], bins: PROBABILITY_LAYOUT.bins }
}

const DEFAULT_THRESHOLD = 0.5

/** How the outputs of two versions are compared: over which range, and at which value they stand for another decision. */
export const judgedOutputs = ({ coverage, outputs }: Manifest): readonly JudgedOutput[] =>
  outputs.map(({ name, kind, threshold }) => ({
    name,
    range: kind === 'probability' ? [0, 1] : (coverage[name] ?? null),
    threshold: threshold ?? (kind === 'probability' ? DEFAULT_THRESHOLD : null),
  }))

/** How the outputs of two versions are measured against what really happened. */
export const comparedOutputs = ({ coverage, outputs }: Manifest): readonly ComparedOutput[] =>
  outputs.map(({ name, kind }) => ({ name, kind, range: kind === 'value' ? (coverage[name] ?? null) : null }))

export const outputLayouts =
  (manifestOf: (model: string, version: string) => Manifest | null): LayoutOf =>
  (model, version, name) => {
    const manifest = manifestOf(model, version)
    const output = manifest?.outputs.find((candidate) => candidate.name === name)
    return manifest === null || output === undefined ? PROBABILITY_LAYOUT : layoutOfOutput(manifest, output)
  }
