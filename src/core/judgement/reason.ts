/** A finding as a sentence for the release's history and for people. */
import type { Finding } from './verdict.ts'

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

const eValue = (log: number): string => {
  const power = Math.floor(log / Math.LN10)
  return power < 4 ? Math.exp(log).toFixed(1) : `${Math.exp(log - power * Math.LN10).toFixed(1)}e${power}`
}

const WHAT: { readonly [test in Finding['test']]: string } = {
  failures: 'the canary fails where stable does not',
  shift: 'the canary answers otherwise on average',
  decisions: 'the canary decides otherwise',
  outcomes: "the canary's loss is greater than stable's",
  latency: 'the canary is slow',
  constant: 'the canary gives one value where stable varies',
}

export const reasonOf = (finding: Finding): string => {
  const { test, output, direction, units, estimate, tolerance, lower_bound, log_e_value, log_threshold } = finding
  const where = output === null ? '' : ` (output "${output}"${direction === null ? '' : `, ${direction}`})`
  const faults = Object.entries(finding.counts)
    .map(([vote, count]) => `${vote} ${count}`)
    .join(', ')
  const bound = lower_bound === null ? '' : `, at least ${percent(lower_bound)}`
  return (
    `${WHAT[test]}${where}: ${percent(estimate ?? 0)}${bound}, a breach from ${percent(tolerance)}, by ${units} units' votes` +
    `${faults === '' ? '' : ` (${faults})`}; e-value ${eValue(log_e_value)}, threshold ${eValue(log_threshold)}`
  )
}
