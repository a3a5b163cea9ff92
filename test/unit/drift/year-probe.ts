/**
 * Alarms of clean years and the time until faults are found, by which the thresholds of `DRIFT_CONFIG` were chosen:
 *   node test/unit/drift/year-probe.ts [first seed] [seeds] [hours of a clean year] [hours of share memory] [events an hour]
 */
import { DRIFT_CONFIG } from '../../../src/core/drift/config.ts'
import { INITIAL_DRIFT_STATE, nextDriftState } from '../../../src/core/drift/drift-state.ts'
import { judgeDrift } from '../../../src/core/drift/judge.ts'
import { type ReferenceView, referenceView } from '../../../src/core/drift/reference-view.ts'
import { type HourCounts, MILLISECONDS_PER_HOUR } from '../../../src/core/drift/window-counts.ts'
import { type Fault, type StreamOptions, trainingProfile, YEAR_START, yearStream } from './year-stream.ts'

const HOUR = MILLISECONDS_PER_HOUR
const KEPT = 168

interface Course {
  /** `series: hour` of each change from stable to drifted. */
  readonly alarms: readonly { readonly series: string; readonly hour: number }[]
  /** Greatest deciding effects, by window and kind, once the longest window is full. */
  readonly greatest: ReadonlyMap<string, number>
}

const course = (reference: ReferenceView, options: StreamOptions, hours: number): Course => {
  const stream = yearStream(options)
  const kept: HourCounts[] = []
  const alarms: { series: string; hour: number }[] = []
  const greatest = new Map<string, number>()
  let state = INITIAL_DRIFT_STATE
  for (let hour = 0; hour < hours; hour++) {
    kept.push(stream.hour(YEAR_START + hour * HOUR))
    if (kept.length > KEPT) kept.shift()
    const until = YEAR_START + (hour + 1) * HOUR
    const reports = judgeDrift(reference, kept, until, DRIFT_CONFIG)
    const next = nextDriftState(state, reports, until, DRIFT_CONFIG)
    for (const [series, { status }] of Object.entries(next.series))
      if (status === 'drifted' && state.series[series]?.status !== 'drifted') alarms.push({ series, hour })
    state = next
    if (options.fault === 'none' && hour >= KEPT)
      for (const { name, series } of reports)
        for (const { kind, shift } of series) {
          const key = `${name} ${kind}`
          greatest.set(key, Math.max(greatest.get(key) ?? 0, shift?.effect.value ?? 0))
        }
  }
  return { alarms, greatest }
}

const [first, seeds, cleanHours, shareMemory, eventsPerHour] = [101, 4, 8760, 24, 180_000].map((usual, index) =>
  Number(process.argv[2 + index] ?? usual),
)
const FAULTS: readonly (readonly [Fault, number])[] = [
  ['clock', 24],
  ['zips', 24],
  ['sensor', 1],
  ['score', 168],
]
const started = Date.now()
for (let seed = first; seed < first + seeds; seed++) {
  const reference = referenceView(trainingProfile(seed + 10_000, shareMemory), new Set())
  const clean = course(reference, { seed, fault: 'none', faultFrom: 0, shareMemory, eventsPerHour }, cleanHours)
  const greatest = [...clean.greatest].map(([key, value]) => `${key} ${value.toFixed(3)}`).join(', ')
  console.log(
    `seed ${seed}: ${clean.alarms.length} alarms in ${cleanHours} clean hours ${JSON.stringify(clean.alarms.slice(0, 5))}`,
  )
  console.log(`  greatest effects: ${greatest}`)
  for (const [fault, within] of FAULTS) {
    const faultFrom = 300
    const { alarms } = course(
      reference,
      { seed: seed + 20_000, fault, faultFrom, shareMemory, eventsPerHour },
      faultFrom + within + 12,
    )
    const [found] = alarms.filter(({ hour }) => hour >= faultFrom)
    const early = alarms.filter(({ hour }) => hour < faultFrom).length
    const after = found === undefined ? 'not found' : `found after ${found.hour - faultFrom + 1} h (${found.series})`
    console.log(`  ${fault}: ${after}, to be found within ${within} h${early > 0 ? `; ${early} alarms before` : ''}`)
  }
}
console.log(`${((Date.now() - started) / 1000).toFixed(0)} s`)
