/** What right answers are, worked out by the same code in Node: no worker, no store that can fail. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { ROOT } from '../../bench/root.ts'
import type { Prediction } from '../../src/protocol/answers.ts'

export interface ExpectedAnswers {
  /** In the order of the events. */
  readonly exact: readonly Prediction[]
  /** The same without the zip store: by the means of the first three digits. */
  readonly coarse: readonly Prediction[]
  /** Of the reference profile. */
  readonly means: Prediction['outputs']
}

const OUTPUT_BYTES = 64 * 1024 * 1024

/** `events` are JSON texts. */
export const expectedAnswers = (events: readonly string[]): ExpectedAnswers => {
  // As deep inside test/ as its source, so that packages, the model and fixtures are found.
  const program = join(ROOT, 'test', '.cache', 'expected.mjs')
  buildSync({
    entryPoints: [join(ROOT, 'test', 'faults', 'expected-program.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: program,
  })
  const input = JSON.stringify(events)
  const output = execFileSync(process.execPath, [program], { input, maxBuffer: OUTPUT_BYTES, encoding: 'utf8' })
  return JSON.parse(output) as ExpectedAnswers
}
