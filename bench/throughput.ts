/** Loads every target in turn, round after round, so that whatever else the machine does falls on all alike. */
import type { LoadReport, LoadShape } from './load-plan.ts'
import type { LoadProcess } from './load-process.ts'
import { roundedSpread, type Spread } from './summary.ts'
import type { Service } from './traffic.ts'

export interface Target {
  readonly name: string
  readonly service: Service
  readonly port: number
  readonly pid: number
}

export interface Measured {
  readonly perSecond: Spread
  readonly p50Milliseconds: Spread
  /** Only at a fixed rate: in a closed loop the load waits for the slow answers it should count. */
  readonly p99Milliseconds?: Spread
  readonly cpuMicroseconds: Spread | null
}

export interface ShapeResult {
  readonly shape: LoadShape
  readonly targets: Readonly<Record<string, Measured>>
  /** First target's requests per second over each other's, taken in each round; only in a closed loop. */
  readonly ratios: Readonly<Record<string, Spread>>
  /** Greatest share of a core that the load process used. */
  readonly generatorShare: number
  /** 99th percentile of the load process's own lateness, the median of the rounds. */
  readonly generatorLagMilliseconds: number
}

export interface ThroughputPlan {
  readonly rounds: number
  readonly closedSeconds: number
  readonly fixedSeconds: number
  readonly warmUpSeconds: number
}

/** One event takes a few hundred microseconds: at this rate no target of the four queues (requests a second). */
const FIXED_RATE = 300

const SHAPES: readonly LoadShape[] = [{ connections: 32 }, { connections: 1 }, { perSecond: FIXED_RATE }]

const run = async (load: LoadProcess, target: Target, shape: LoadShape, seconds: number): Promise<LoadReport> => {
  const { port, pid, service } = target
  const report = await load.run({ port, pid, service, shape, seconds })
  if (report.failures === 0) return report
  throw new Error(`${target.name} failed ${report.failures} of ${report.requests} requests; the first: ${report.fault}`)
}

/** Until every zip is in memory and the code is compiled: a failure counts from the second half on. */
const warmUp = async (load: LoadProcess, target: Target, seconds: number): Promise<void> => {
  const { port, pid, service } = target
  await load.run({ port, pid, service, shape: { connections: 32 }, seconds: seconds / 2 })
  await run(load, target, { connections: 32 }, seconds / 2)
}

const summarise = (shape: LoadShape, reports: readonly LoadReport[]): Measured => {
  const spread = (pick: (report: LoadReport) => number, digits: number): Spread =>
    roundedSpread(reports.map(pick), digits)
  return {
    perSecond: spread(({ perSecond }) => perSecond, 0),
    p50Milliseconds: spread(({ p50Milliseconds }) => p50Milliseconds, 3),
    ...('perSecond' in shape ? { p99Milliseconds: spread(({ p99Milliseconds }) => p99Milliseconds, 3) } : {}),
    cpuMicroseconds: reports.some(({ cpuMicroseconds }) => cpuMicroseconds === null)
      ? null
      : spread(({ cpuMicroseconds }) => cpuMicroseconds ?? 0, 0),
  }
}

/** Throws when any request of any target failed: a figure with failures is no figure. The first target is the one that ratios are of. */
export const measureThroughput = async (
  load: LoadProcess,
  targets: readonly Target[],
  plan: ThroughputPlan,
  onProgress: (line: string) => void,
): Promise<ShapeResult[]> => {
  for (const target of targets) {
    onProgress(`warming up ${target.name}`)
    await warmUp(load, target, plan.warmUpSeconds)
  }
  const reports = SHAPES.map(() => targets.map((): LoadReport[] => []))
  for (let round = 1; round <= plan.rounds; round++) {
    onProgress(`round ${round} of ${plan.rounds}`)
    for (const [shapeIndex, shape] of SHAPES.entries()) {
      const seconds = 'perSecond' in shape ? plan.fixedSeconds : plan.closedSeconds
      for (const [index, target] of targets.entries()) {
        reports[shapeIndex][index].push(await run(load, target, shape, seconds))
      }
    }
  }
  return SHAPES.map((shape, shapeIndex) => {
    const [first, ...others] = reports[shapeIndex]
    const all = reports[shapeIndex].flat()
    const ratioTo = (other: readonly LoadReport[]): Spread =>
      roundedSpread(
        first.map(({ perSecond }, round) => perSecond / other[round].perSecond),
        2,
      )
    return {
      shape,
      targets: Object.fromEntries(
        targets.map(({ name }, index) => [name, summarise(shape, reports[shapeIndex][index])]),
      ),
      ratios:
        'perSecond' in shape
          ? {}
          : Object.fromEntries(others.map((other, index) => [targets[index + 1].name, ratioTo(other)])),
      generatorShare: Number(Math.max(...all.map(({ generatorShare }) => generatorShare)).toFixed(2)),
      generatorLagMilliseconds: roundedSpread(
        all.map(({ generatorLagMilliseconds }) => generatorLagMilliseconds),
        3,
      ).median,
    }
  })
}
