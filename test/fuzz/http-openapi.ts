/** Runs Schemathesis on a throw-away worker and counts what its report says: `node test/fuzz/http-openapi.ts SCHEMATHESIS [ARGUMENT…]`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../bench/root.ts'
import { SECRETS } from '../../bench/worker.ts'
import { startFuzzedWorker } from './http-worker.ts'

const REPORTS = join(ROOT, 'reports')
const JUNIT = join(REPORTS, 'openapi.xml')
/** Every test case with its request, its answer and its checks. */
const EVENTS = join(REPORTS, 'openapi.ndjson')

/** The attribute `name` of the outermost element. */
const countOf = (report: string, name: string): number => {
  const count = new RegExp(`<testsuites [^>]*\\b${name}="(\\d+)"`).exec(report)?.[1]
  if (count === undefined) throw new Error(`${JUNIT} has no ${name}`)
  return Number(count)
}

const [schemathesis = 'schemathesis', ...more] = process.argv.slice(2)
mkdirSync(REPORTS, { recursive: true })
const { origin, unhandled, stop } = await startFuzzedWorker({ PUBLIC_STATS: 'false' })
const config = ['--config-file', join(ROOT, '.ci', 'schemathesis.toml'), '--no-color']
const reports = ['--report', 'junit,ndjson', '--report-junit-path', JUNIT, '--report-ndjson-path', EVENTS]
const run = spawn(schemathesis, [...config, 'run', `${origin}/openapi.json`, ...reports, ...more], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, ...SECRETS, HYPOTHESIS_STORAGE_DIRECTORY: join(REPORTS, 'hypothesis') },
})
const [status] = (await once(run, 'exit')) as [number | null]
const errors = unhandled()
await stop()

const report = readFileSync(JUNIT, 'utf8')
const failed = countOf(report, 'failures') + countOf(report, 'errors') + (errors.length > 0 ? 1 : 0)
const passed =
  countOf(report, 'tests') - countOf(report, 'failures') - countOf(report, 'errors') - countOf(report, 'skipped')
for (const line of errors.slice(0, 10)) console.log(`not caught in the worker: ${line}`)
console.log(`openapi: ${passed} passed, ${failed} failed`)
if (status !== 0 || failed > 0) process.exitCode = 1
