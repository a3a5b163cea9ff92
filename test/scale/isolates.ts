/**
 * Prints how often the statistics shards are called, with how much, and how many a traffic wants:
 *   npm run isolates -- [--isolates 1000] [--events-per-second 1000] [--fields 20] [--sample 20] [--seconds 5]
 * `--events-per-second` is of one isolate. A sample of isolates is followed on the product's own observer; how ids fall on shards is tried with 20 seeds.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSync } from 'esbuild'
import { ROOT } from '../../bench/root.ts'

const { values } = parseArgs({
  options: {
    isolates: { type: 'string', default: '1000' },
    'events-per-second': { type: 'string', default: '1000' },
    fields: { type: 'string', default: '20' },
    sample: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '5' },
  },
})
const wholeOf = (name: keyof typeof values): number => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= 1) return number
  console.error(`--${name}: expected a whole number from 1, got "${values[name]}".`)
  process.exit(2)
}
const asked = {
  isolates: wholeOf('isolates'),
  eventsPerSecond: wholeOf('events-per-second'),
  fields: wholeOf('fields'),
  sample: wholeOf('sample'),
  seconds: wholeOf('seconds'),
}
// Inside the repository, so that packages are found.
const program = join(ROOT, '.cache', 'scale', 'isolates.mjs')
buildSync({
  entryPoints: [join(ROOT, 'test', 'scale', 'isolates-program.ts')],
  ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', outfile: program },
})
const figures = JSON.parse(execFileSync(process.execPath, [program, JSON.stringify(asked)], { encoding: 'utf8' }))
console.log(`${asked.isolates} isolates of ${asked.eventsPerSecond} events a second, ${asked.fields} fields:`)
console.log(
  `  calls of an isolate: ${figures.callsPerSecond} a second, of ${figures.meanBytes} bytes (at most ${figures.mostBytes})`,
)
console.log(`  the busiest of 4 shards (STATS_SHARDS by default): ${figures.busiestOfFour} calls a second`)
console.log(
  `  STATS_SHARDS=${figures.shards}: the busiest has ${figures.busiest} calls a second, of at most ${figures.most}`,
)
process.exitCode = figures.callsPerSecond <= 1 && figures.busiest <= figures.most ? 0 : 1
