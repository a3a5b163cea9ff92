/** How well answers fit labels, beside what is known without a model. */
import { Failure } from '../../core/failure.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { areaUnderCurve } from '../../training/evaluation/auc.ts'
import { logLoss } from '../../training/evaluation/scores.ts'
import { UsageError } from '../command.ts'
import { numberIn } from '../offline/feature-table.ts'

type Output = Manifest['outputs'][number]
type Answers = readonly (RowOutputs | Failure)[]

/** Metrics by name; `auc` is the better the greater, the others the smaller. */
export type Metrics = Readonly<Record<string, number>>

export interface Scores {
  /** Rows with a label and an answer. */
  readonly rows: number
  /** Rows with a label and no answer. */
  readonly unanswered: number
  readonly model: Metrics
  /** The best constant for the same rows: the share of each class, or the median. */
  readonly constant: Metrics
}

export const isBetter = (metric: string, value: number, than: number): boolean =>
  metric === 'auc' ? value > than : value < than

/** Keeps the logarithm finite. */
const LEAST_PROBABILITY = 2 ** -23

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length

const binaryLabel = (value: unknown): 0 | 1 => {
  const label = numberIn(value)
  if (label === 0 || label === 1) return label
  throw new UsageError(`--label: expected 0, 1, true or false for a probability, got ${String(value)}`)
}

const scoreProbability = (pairs: readonly (readonly [number, unknown])[]): Pick<Scores, 'model' | 'constant'> => {
  const labels = Uint8Array.from(pairs, ([, label]) => binaryLabel(label))
  const probabilities = Float32Array.from(pairs, ([probability]) => probability)
  const share = Float32Array.from(labels).fill(mean([...labels]))
  return {
    model: { log_loss: logLoss(probabilities, labels), auc: areaUnderCurve(probabilities, labels) },
    constant: { log_loss: logLoss(share, labels) },
  }
}

const surprise = (probability: number): number => -Math.log(Math.max(probability, LEAST_PROBABILITY))

const scoreDistribution = (
  pairs: readonly (readonly [Exclude<RowOutputs[string], number>, unknown])[],
): Pick<Scores, 'model' | 'constant'> => {
  const counts = new Map<number, number>()
  const places = pairs.map(([{ labels }, label]) => {
    const place = labels.findIndex((known) => String(known) === String(label))
    if (place < 0) throw new UsageError(`--label: ${String(label)} is none of the classes ${labels.join(', ')}`)
    counts.set(place, (counts.get(place) ?? 0) + 1)
    return place
  })
  return {
    model: { log_loss: mean(pairs.map(([{ probabilities }], row) => surprise(probabilities[places[row]]))) },
    constant: { log_loss: mean(places.map((place) => surprise((counts.get(place) ?? 0) / places.length))) },
  }
}

const scoreValue = (pairs: readonly (readonly [number, unknown])[]): Pick<Scores, 'model' | 'constant'> => {
  const labels = pairs.map(([, label]) => {
    const number = numberIn(label)
    if (Number.isFinite(number)) return number
    throw new UsageError(`--label: expected a number, got ${String(label)}`)
  })
  const median = labels.slice().sort((a, b) => a - b)[Math.floor(labels.length / 2)]
  return {
    model: { mean_absolute_error: mean(pairs.map(([value], row) => Math.abs(value - labels[row]))) },
    constant: { mean_absolute_error: mean(labels.map((label) => Math.abs(label - median))) },
  }
}

/**
 * Scores one output: log loss (nats) and AUC of a probability, log loss of a distribution, mean absolute error of a value. Rows without a
 * label are left out. Throws a UsageError for labels that do not fit the output, and when no row is left.
 */
export const scoreOutput = ({ name, kind }: Output, answers: Answers, labels: readonly unknown[]): Scores => {
  const labelled = [...answers.entries()].filter(([row]) => labels[row] !== null && labels[row] !== undefined)
  const numbers: [number, unknown][] = []
  const distributions: [Exclude<RowOutputs[string], number>, unknown][] = []
  for (const [row, answer] of labelled) {
    const output = answer instanceof Failure ? undefined : answer[name]
    if (typeof output === 'number') numbers.push([output, labels[row]])
    else if (output !== undefined) distributions.push([output, labels[row]])
  }
  const rows = numbers.length + distributions.length
  if (rows === 0) throw new UsageError('--label: no row has both a label and an answer')
  const scored =
    kind === 'distribution'
      ? scoreDistribution(distributions)
      : kind === 'probability'
        ? scoreProbability(numbers)
        : scoreValue(numbers)
  return { rows, unanswered: labelled.length - rows, ...scored }
}
