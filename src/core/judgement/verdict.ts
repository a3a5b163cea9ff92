/** What a judgement says, in a form that can be stored with the release's history. */
import type { TestName } from './tests.ts'

/** What one test says. JSON-able. */
export interface Finding {
  readonly test: TestName
  readonly output: string | null
  /** Which way the canary would be worse; `null` where there is only one. */
  readonly direction: 'up' | 'down' | null
  /** `tolerated`: worse beyond doubt, by less than the effect of interest or in a test that is only reported. */
  readonly state: 'quiet' | 'tolerated' | 'breach' | 'not measurable'
  /** Votes that were judged. */
  readonly units: number
  /** Mean vote; of `failures` the excess share of units in which the canary failed first; `null` without votes. */
  readonly estimate: number | null
  readonly tolerance: number
  /** Lower confidence bound of what `estimate` estimates, valid at any time, at this test's part of alpha; only beyond doubt. */
  readonly lower_bound: number | null
  /** Natural logarithms of the e-value and of the threshold it is judged at. */
  readonly log_e_value: number
  readonly log_threshold: number
  /** Of `failures`: units by the side and fault of their vote. */
  readonly counts: { readonly [vote: string]: number }
}

/** JSON-able. */
export interface Verdict {
  readonly verdict: 'collecting' | 'healthy' | 'breach'
  /** Enough units, baked long enough, no breach and no test in doubt. */
  readonly readyToPromote: boolean
  /** Units compared; estimated where only a sample of them is kept. */
  readonly units: number
  /** What made the verdict, a sentence each. */
  readonly reasons: readonly string[]
  readonly findings: readonly Finding[]
}
