/** What was foretold of one event, and whether what really happened can be measured against it. */

export type Label = string | number

/** One output of one prediction, as a score needs it. */
export type Foretold =
  | { readonly kind: 'probability'; readonly said: number }
  | { readonly kind: 'value'; readonly said: number }
  | { readonly kind: 'distribution'; readonly labels: readonly Label[]; readonly probabilities: readonly number[] }

/** Of a probability whether it happened, or the share in which it did; of a value the true one; of a distribution the true label. */
export type Truth = number | boolean | string

/** A longer distribution is not kept to be scored. */
export const MAX_LABELS = 64

const isNumber = (label: Label): label is number => typeof label === 'number'

/** The labels where they are numbers that ascend, days say, so that one lies between two others; else `null`. */
export const orderedLabels = (labels: readonly Label[]): readonly number[] | null =>
  labels.every(isNumber) && labels.every((label, at) => at === 0 || label > (labels[at - 1] as number)) ? labels : null

/** Why `truth` is no truth of the output called `name`, as a sentence; `null`: it is one. */
export const misfitOf = (name: string, foretold: Foretold, truth: Truth): string | null => {
  const given = `value is ${typeof truth === 'string' ? JSON.stringify(truth.slice(0, 80)) : truth}`
  if (foretold.kind === 'probability') {
    const fits = typeof truth !== 'string' && Number(truth) >= 0 && Number(truth) <= 1
    return fits ? null : `${given}; "${name}" is a probability: send true or false, or a number from 0 to 1`
  }
  if (foretold.kind === 'value')
    return typeof truth === 'number' ? null : `${given}; "${name}" is a value: send a number`
  const { labels } = foretold
  if (orderedLabels(labels) !== null)
    return typeof truth === 'number' ? null : `${given}; "${name}" is a distribution over numbers: send a number`
  if (typeof truth !== 'boolean' && labels.includes(truth)) return null
  const known = labels.slice(0, 8).map((label) => JSON.stringify(label))
  return `${given}; "${name}" is a distribution over ${known.join(', ')}${labels.length > 8 ? ', …' : ''}: send one of them`
}
