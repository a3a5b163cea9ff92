/** Bundles the program that times the stages, as the Worker's modules are bundled, and runs it in a process of its own. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { ROOT } from './root.ts'

export interface StageTimes {
  readonly stage: string
  readonly meanMicroseconds: number
  readonly p50Microseconds: number
}

/** In the order a request passes them. In Node, because the local clock of workerd goes in whole milliseconds (2026-11). */
export const measureStages = (modelFolder: string): StageTimes[] => {
  // Inside the repository, so that packages are found.
  const program = join(ROOT, '.cache', 'bench', 'stages.mjs')
  buildSync({
    entryPoints: [join(ROOT, 'bench', 'stages-program.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: program,
  })
  const output = execFileSync(process.execPath, [program, ROOT, modelFolder], { encoding: 'utf8' })
  return JSON.parse(output) as StageTimes[]
}
