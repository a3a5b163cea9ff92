/** Reads as many bodies as are asked for and prints how they ended; fails when memory grows. Bundled and run by bodies.ts. */
import { fuzzBodies } from './bodies-run.ts'

/** What the heap may grow by from the first tenth to the last; a leak of one body each would be hundreds. */
const ALLOWED_MEGABYTES = 64

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const start = performance.now()
const report = await fuzzBodies(count, seed, (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} bodies`)
})
const { slowest, warmMegabytes, lastMegabytes } = report
const rows: [string, string][] = [
  ['seed', String(seed)],
  ['bodies', String(report.bodies)],
  ['real log records among their sources', String(report.logs)],
  ['MB', (report.bytes / 1e6).toFixed(0)],
  ['accepted whole', String(report.accepted)],
  ...Object.entries(report.failures).map(([code, times]): [string, string] => [`  ${code}`, String(times)]),
  ['slowest, ms', `${slowest.milliseconds.toFixed(1)} for ${slowest.bytes} bytes: ${JSON.stringify(slowest.begins)}`],
  [
    'heap after collection, MB',
    `${warmMegabytes.toFixed(0)} in the first tenth, ${lastMegabytes.toFixed(0)} in the last`,
  ],
  ['digest', report.digest],
  ['seconds', ((performance.now() - start) / 1000).toFixed(0)],
]
for (const [name, value] of rows) console.log(`${name.padEnd(38)} ${value}`)
if (lastMegabytes - warmMegabytes > ALLOWED_MEGABYTES) {
  console.log('the heap keeps growing')
  process.exitCode = 1
}
