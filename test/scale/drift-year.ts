/**
 * Prints the drift alarms of simulated clean years, the time until faults are found, and the false alarms of naive tests on the same stream:
 *   npm run drift-year -- [--seeds 1101-1120] [--quick] [--faults-only] [--week-only] [--workers N] [--write]
 * and, of one week that is drawn a second time event by event, how nearly its counts are those that are drawn bin by bin.
 * Exits with 1 when a year has more than one drift alarm or an alert that pages, a fault is not found in time, or the week is another. `--write` keeps the figures in
 * bench/drift-year.json and docs/drift.md; `--json` prints what one seed came to.
 */
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs, promisify } from 'node:util'
import { type Range, readDriftYear, writeDriftYear } from '../../bench/drift-year-results.ts'
import { eventWeek } from './drift-week-course.ts'
import { cleanYear, FAULTS, type FaultRun, faultRuns, referenceOf } from './drift-year-course.ts'

const QUICK_HOURS = 8 * 168
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'faults-only': { type: 'boolean', default: false },
    'week-only': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
})
const stated = values.seeds ?? (values.quick ? '201' : '1101-1120')
const [firstSeed, lastSeed] = stated.split('-').map(Number)
if (!Number.isInteger(firstSeed) || !Number.isInteger(lastSeed ?? firstSeed) || (lastSeed ?? firstSeed) < firstSeed) {
  console.error(`--seeds: expected a whole number or two in order, as 1101-1120, got "${stated}".`)
  process.exit(2)
}
const workers = Number(values.workers)
if (!Number.isInteger(workers) || workers < 1) {
  console.error(`--workers: expected a whole number from 1, got "${values.workers}".`)
  process.exit(2)
}
const median = (sorted: readonly number[]): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
const rangeOf = (numbers: readonly number[]): Range => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return { median: median(sorted), worst: sorted.at(-1) ?? Number.NaN }
}
const summary = (numbers: readonly number[]): string => {
  const range = rangeOf(numbers)
  return `median ${range.median}, worst ${range.worst}`
}

/** What one seed came to. */
interface SeedResult {
  readonly year: Pick<ReturnType<typeof cleanYear>, 'alarms' | 'naive' | 'fired'> | null
  readonly runs: readonly FaultRun[]
}

const simulate = (seed: number): SeedResult => {
  const reference = referenceOf(seed)
  const year = values['faults-only'] ? null : cleanYear(reference, seed, values.quick ? QUICK_HOURS : undefined)
  return { year, runs: faultRuns(reference, seed) }
}

if (values.json) {
  console.log(JSON.stringify(simulate(firstSeed)))
  process.exit(0)
}

/** In a process of its own. */
const simulated = async (seed: number): Promise<SeedResult> => {
  const flags = [...(values.quick ? ['--quick'] : []), ...(values['faults-only'] ? ['--faults-only'] : [])]
  const program = [import.meta.filename, '--json', '--seeds', String(seed), ...flags]
  const { stdout } = await promisify(execFile)(process.execPath, program)
  const result = JSON.parse(stdout) as SeedResult
  if (result.year !== null) {
    const { alarms } = result.year
    console.error(`seed ${seed}: ${alarms.length} alarms ${JSON.stringify(alarms.slice(0, 5))}`)
  }
  return result
}

const WEEK_SEED = 1201
const EVENTS_A_SECOND = values.quick ? 5 : 50
/** Chance goes further once in 30,000 times. */
const MOST_DEVIATIONS = 4
const { alike, sizes, drifted, events } = eventWeek(referenceOf(WEEK_SEED), WEEK_SEED, EVENTS_A_SECOND * 3_600)
const week = {
  seed: WEEK_SEED,
  events,
  deviations: Math.max(sizes, ...alike.map(({ deviations }) => deviations)),
  drifted: drifted.bins.length + drifted.events.length,
}
const isWeekAlike = week.deviations < MOST_DEVIATIONS && week.drifted === 0
console.log(
  `a week of ${week.events} events: the counts lie at most ${week.deviations.toFixed(2)} standard deviations apart (at most ${MOST_DEVIATIONS}), ${week.drifted} series drift`,
)
if (values['week-only']) {
  if (values.write && !values.quick) writeDriftYear({ ...readDriftYear(), week })
  process.exit(isWeekAlike ? 0 : 1)
}

const seeds = Array.from({ length: (lastSeed ?? firstSeed) - firstSeed + 1 }, (_, index) => firstSeed + index)
const results = new Map<number, SeedResult>()
const waiting = [...seeds]
const work = async (): Promise<void> => {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) results.set(seed, await simulated(seed))
}
await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work))

const alarmsByYear: number[] = []
const pages: number[] = []
const tickets: number[] = []
const naive = new Map<string, number[]>()
const runs: FaultRun[] = []
for (const seed of seeds) {
  const { year, runs: ofSeed } = results.get(seed) as SeedResult
  runs.push(...ofSeed)
  if (year === null) continue
  alarmsByYear.push(year.alarms.length)
  pages.push(year.fired.page)
  tickets.push(year.fired.ticket)
  for (const [key, hours] of Object.entries(year.naive)) naive.set(key, [...(naive.get(key) ?? []), hours])
}
if (alarmsByYear.length > 0) {
  console.log(`clean ${values.quick ? 'eight weeks' : 'years'}: drift alarms ${summary(alarmsByYear)} (at most 1)`)
  console.log(`  alerts that page ${summary(pages)} (none), tickets ${summary(tickets)}`)
  for (const [key, hours] of naive) console.log(`  naive ${key}: hours that fire: ${summary(hours)}`)
}
for (const [fault, within] of FAULTS) {
  const mine = runs.filter((run) => run.fault === fault)
  const found = mine.map(({ foundAfter }) => foundAfter ?? Number.POSITIVE_INFINITY)
  const before = mine.reduce((sum, run) => sum + run.before, 0)
  console.log(
    `${fault}: found after hours: ${summary(found)} (at most ${within}), alarms in the weeks before: ${before}`,
  )
}
if (values.write && alarmsByYear.length > 0 && !values.quick) {
  writeDriftYear({
    command: 'npm run drift-year -- --write',
    date: new Date().toISOString().slice(0, 10),
    seeds: { first: firstSeed, last: lastSeed ?? firstSeed },
    week,
    alarms: rangeOf(alarmsByYear),
    pages: rangeOf(pages),
    tickets: rangeOf(tickets),
    faults: FAULTS.map(([fault, within]) => {
      const mine = runs.filter((run) => run.fault === fault)
      const { median: middle, worst } = rangeOf(mine.map(({ foundAfter }) => foundAfter ?? Number.POSITIVE_INFINITY))
      const before = mine.reduce((sum, run) => sum + run.before, 0)
      return { fault, median: middle, worst: Number.isFinite(worst) ? worst : null, within, before }
    }),
    naive: Object.fromEntries([...naive].map(([key, hours]) => [key, rangeOf(hours)])),
  })
}
const isGood =
  isWeekAlike &&
  alarmsByYear.every((alarms) => alarms <= 1) &&
  pages.every((fired) => fired === 0) &&
  runs.every(({ foundAfter }) => foundAfter !== null)
process.exitCode = isGood ? 0 : 1
