/** Reads generated and mutated bodies by all that reads them: `npx node test/fuzz/bodies.ts [1000000 [SEED]]`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { ROOT } from '../../bench/root.ts'

// As deep inside the repository as its source, so that packages and the data beside the repository are found.
const program = join(ROOT, '.cache', 'fuzz', 'bodies.mjs')
buildSync({
  entryPoints: [join(ROOT, 'test', 'fuzz', 'bodies-program.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: program,
})
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
