/** What a run says in the end. */
import type { RejectExample, Tally } from './tally.ts'

const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`

/** Where a reject was and why. */
export const exampleLine = ({ source, reject }: RejectExample): string =>
  `${source} line ${reject.line}, byte ${reject.offset}: ${reject.code}: ${reject.message}`

/**
 * One line for the zips, where not all are known; one for each of the labels, named by their paths, that no row has; one for the rejects, where
 * there are some, and a few of them.
 */
export const summaryLines = (tally: Tally, labels: readonly string[], isLogged: boolean): string[] => {
  const lines: string[] = []
  const { zips, rows, rejected } = tally
  const zipRows = zips.exact + zips.zip3_mean + zips.national_mean
  if (zips.exact < zipRows) {
    const parts = [
      `exact ${share(zips.exact, rows)}`,
      `mean of the first three digits ${share(zips.zip3_mean, rows)}`,
      `mean of the country ${share(zips.national_mean, rows)}`,
    ]
    lines.push(`zip features: ${parts.join(', ')}`)
  }
  if (rows > 0) {
    labels.forEach((path, label) => {
      if (tally.labels[label] !== true)
        lines.push(`warning: no row has anything at --label ${path}; its column is empty`)
    })
  }
  if (rejected > 0) {
    lines.push(
      `${rejected} of ${rows + rejected} records were rejected${isLogged ? '' : '; --rejects FILE keeps them'}. The first:`,
    )
    for (const example of tally.examples) lines.push(`  ${exampleLine(example)}`)
  }
  return lines
}
