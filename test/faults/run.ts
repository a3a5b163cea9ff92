/**
 * The fault table: every row on a worker of its own, on the real local bindings. `npm run faults -- [--row NAME]… [--quick] [--write]`: only these
 * rows; only the short ones; `--write` updates test/faults/table.json and its page. Fails when a row fails.
 */
import { parseArgs } from 'node:util'
import { deployedBundle } from '../../bench/bundle.ts'
import { describeMachine, describeVersions } from '../../bench/machine.ts'
import { createWorkerHost, type WorkerHost } from '../../bench/worker.ts'
import { expectedAnswers } from './expected.ts'
import { type FaultTable, renderTable, writeTable } from './fault-table.ts'
import type { Row, RowFigures } from './row.ts'
import { ROWS } from './rows.ts'
import { runRow } from './run-row.ts'
import { BASE, PACKS } from './traffic.ts'

/** Rows that run side by side. */
const AT_ONCE = 2

const { values: options } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const unknown = options.row.filter((name) => !ROWS.some((row) => row.name === name))
if (unknown.length > 0) {
  throw new Error(`--row is ${unknown.join(', ')}, expected one of ${ROWS.map(({ name }) => name).join(', ')}`)
}
const rows = ROWS.filter(
  ({ name, isQuick }) => (options.row.length === 0 || options.row.includes(name)) && (!options.quick || isQuick),
)
const start = performance.now()
const say = (line: string): boolean => process.stderr.write(`faults: ${line}\n`)

say('bundling the worker, working out the right answers')
const bundle = deployedBundle('test/faults/worker.ts')
const expected = expectedAnswers(BASE)
const host = createWorkerHost()
const byRow = new Map<Row, RowFigures>()
// A worker finds its process by what is new among the children: so they start one after the other.
let starting: Promise<unknown> = Promise.resolve()
const inTurn: WorkerHost = {
  ...host,
  start(...given) {
    const start = starting.then(() => host.start(...given))
    starting = start.catch(() => undefined)
    return start
  },
}
const waiting = rows.values()
const runner = async (): Promise<void> => {
  for (const row of waiting) {
    const figures = await runRow(row, { host: inTurn, bundle, expected })
    byRow.set(row, figures)
    say(`${figures.faults.length === 0 ? 'holds' : 'FAILS'} in ${figures.seconds.toFixed(1)} s: ${row.name}`)
    for (const fault of figures.faults) say(`  ${fault}`)
  }
}
try {
  await host.seed(PACKS)
  // Most of a row is waiting for deliveries.
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
} finally {
  host.remove()
}
const done = rows.flatMap((row) => byRow.get(row) ?? [])

const seconds = Math.round((performance.now() - start) / 1_000)
const table: FaultTable = {
  date: new Date().toISOString().slice(0, 10),
  command: 'npm run faults -- --write',
  machine: describeMachine(),
  versions: describeVersions(),
  seconds,
  rows: done,
}
process.stdout.write(`${renderTable(table)}\n`)
const failed = done.filter(({ faults }) => faults.length > 0)
say(`${done.length - failed.length} of ${done.length} rows hold, in ${seconds} s`)
if (failed.length > 0) process.exitCode = 1
else if (options.write && done.length === ROWS.length) writeTable(table)
else if (options.write) say('nothing is written of a part of the table')
