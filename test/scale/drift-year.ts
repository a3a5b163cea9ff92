/**
 * Prints the drift alarms of simulated clean years, the time until faults are found, and the false alarms of naive tests on the same stream:
 *   npm run drift-year -- [--seeds 1001-1020] [--quick] [--faults-only]
 * Exits with 1 when a year has more than one alarm or a fault is not found in time.
 */
import { parseArgs } from 'node:util'
import { cleanYear, FAULTS, type FaultRun, faultRuns, referenceOf } from './drift-year-course.ts'

const QUICK_HOURS = 8 * 168
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'faults-only': { type: 'boolean', default: false },
  },
})
const stated = values.seeds ?? (values.quick ? '201' : '1001-1020')
const [firstSeed, lastSeed] = stated.split('-').map(Number)
if (!Number.isInteger(firstSeed) || !Number.isInteger(lastSeed ?? firstSeed)) {
  console.error(`--seeds: expected a whole number or two, as 1001-1020, got "${stated}".`)
  process.exit(2)
}
const median = (sorted: readonly number[]): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
const summary = (numbers: readonly number[]): string => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return `median ${median(sorted)}, worst ${sorted.at(-1)}`
}

const alarmsByYear: number[] = []
const naive = new Map<string, number[]>()
const runs: FaultRun[] = []
for (let seed = firstSeed; seed <= (lastSeed ?? firstSeed); seed++) {
  const reference = referenceOf(seed)
  if (!values['faults-only']) {
    const year = cleanYear(reference, seed, values.quick ? QUICK_HOURS : undefined)
    alarmsByYear.push(year.alarms.length)
    for (const [key, hours] of Object.entries(year.naive)) naive.set(key, [...(naive.get(key) ?? []), hours])
    console.error(`seed ${seed}: ${year.alarms.length} alarms ${JSON.stringify(year.alarms.slice(0, 5))}`)
  }
  runs.push(...faultRuns(reference, seed))
}
if (alarmsByYear.length > 0) {
  console.log(`clean ${values.quick ? 'eight weeks' : 'years'}: drift alarms ${summary(alarmsByYear)} (at most 1)`)
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
const isGood = alarmsByYear.every((alarms) => alarms <= 1) && runs.every(({ foundAfter }) => foundAfter !== null)
process.exitCode = isGood ? 0 : 1
