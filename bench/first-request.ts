/** Starts a Worker afresh again and again: how long until it listens, and how long its first two requests take. */
import type { Bundle } from './bundle.ts'
import { Connection, postRequest } from './connection.ts'
import { canReadProcesses, cpuMilliseconds, residentBytes } from './process-stat.ts'
import { roundedSpread, type Spread } from './summary.ts'
import { faultOf, type Service } from './traffic.ts'
import type { WorkerHost, WorkerKind } from './worker.ts'

export interface Start {
  readonly name: string
  readonly bundle: Bundle
  readonly kind: WorkerKind
  readonly service: Service
}

export interface StartResult {
  /** From the call of miniflare to the open port, with miniflare's own start; the bare Worker's tells how much that is. */
  readonly listeningMilliseconds: Spread
  /** CPU time of workerd until then. */
  readonly startCpuMilliseconds: Spread | null
  readonly firstMilliseconds: Spread
  readonly secondMilliseconds: Spread
  /** Memory of workerd after the second request, MiB. */
  readonly residentMebibytes: Spread | null
}

interface Sample {
  readonly listening: number
  readonly startCpu: number
  readonly first: number
  readonly second: number
  readonly resident: number
}

const sample = async (host: WorkerHost, start: Start, event: string): Promise<Sample> => {
  const worker = await host.start(start.bundle, start.kind)
  try {
    const startCpu = canReadProcesses ? cpuMilliseconds(worker.pid) : 0
    const connection = await Connection.open(worker.port)
    const request = postRequest('/v1/predict', event)
    const timed = async (): Promise<number> => {
      const from = performance.now()
      const { status, body } = await connection.exchange(request)
      const milliseconds = performance.now() - from
      const fault = faultOf(start.service, event, status, body)
      if (fault !== undefined) throw new Error(`${start.name}: ${fault}`)
      return milliseconds
    }
    const first = await timed()
    const second = await timed()
    connection.close()
    const resident = canReadProcesses ? residentBytes(worker.pid) / 2 ** 20 : 0
    return { listening: worker.startMilliseconds, startCpu, first, second, resident }
  } finally {
    await worker.stop()
  }
}

/** Medians of `times` starts each, taken in turn. Throws when a request fails, also when the first one is answered without its zip. */
export const measureStarts = async (
  host: WorkerHost,
  starts: readonly Start[],
  times: number,
  event: string,
): Promise<Record<string, StartResult>> => {
  const samples = starts.map((): Sample[] => [])
  for (let round = 0; round < times; round++) {
    for (const [index, start] of starts.entries()) samples[index].push(await sample(host, start, event))
  }
  const summarise = (taken: readonly Sample[]): StartResult => ({
    listeningMilliseconds: roundedSpread(
      taken.map(({ listening }) => listening),
      0,
    ),
    startCpuMilliseconds: canReadProcesses
      ? roundedSpread(
          taken.map(({ startCpu }) => startCpu),
          0,
        )
      : null,
    firstMilliseconds: roundedSpread(
      taken.map(({ first }) => first),
      1,
    ),
    secondMilliseconds: roundedSpread(
      taken.map(({ second }) => second),
      1,
    ),
    residentMebibytes: canReadProcesses
      ? roundedSpread(
          taken.map(({ resident }) => resident),
          0,
        )
      : null,
  })
  return Object.fromEntries(starts.map(({ name }, index) => [name, summarise(samples[index])]))
}
