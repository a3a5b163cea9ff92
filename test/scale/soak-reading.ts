/** Reads what the worker of the soak holds: process, heap, WebAssembly memory, objects, bucket, disk. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { canReadProcesses, cpuMilliseconds, residentBytes } from '../../bench/process-stat.ts'
import type { RunningWorker } from '../../bench/worker.ts'
import { CENSUS_PATH, type Census } from './soak-census.ts'
import type { Inspectors } from './soak-inspector.ts'
import type { LoadTally } from './soak-load-process.ts'

export interface Reading {
  /** Since the load began. */
  readonly seconds: number
  readonly tally: LoadTally
  /** Of workerd with all that stands in for the platform, after garbage was collected everywhere; 0 where processes cannot be read. */
  readonly residentBytes: number
  readonly cpuMilliseconds: number
  /** With garbage, and after it was collected. */
  readonly heapUsedBytes: number
  readonly heapLiveBytes: number
  /** Buffers outside the heap, after the collection. */
  readonly bufferBytes: number
  readonly census: Census
  /** All files that stand for storage. */
  readonly diskBytes: number
  /** Release commands so far. */
  readonly commands: number
}

const bytesUnder = (folder: string): number => {
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    // One that has gone since it was listed is no longer held.
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    if (found?.isFile() === true) bytes += found.size
  }
  return bytes
}

export interface ReadParts {
  readonly worker: RunningWorker
  readonly inspectors: Inspectors
  readonly seconds: number
  readonly tally: LoadTally
  readonly commands: number
}

const PATIENCE_MILLISECONDS = 60_000

export const takeCensus = async (port: number): Promise<Census> => {
  const answer = await fetch(`http://127.0.0.1:${port}${CENSUS_PATH}`, {
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  })
  if (!answer.ok) throw new Error(`the census answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Census
}

export const takeReading = async ({ worker, inspectors, seconds, tally, commands }: ReadParts): Promise<Reading> => {
  const { own } = inspectors
  const { usedSize } = await own.heapUsage()
  // The census is the request with which the collection is taken up, if no other comes before.
  const [census] = await Promise.all([takeCensus(worker.port), own.collectGarbage(), inspectors.collectOthers()])
  const { usedSize: live, backingStorageSize } = await own.heapUsage()
  return {
    seconds,
    tally: structuredClone(tally),
    residentBytes: canReadProcesses ? residentBytes(worker.pid) : 0,
    cpuMilliseconds: canReadProcesses ? cpuMilliseconds(worker.pid) : 0,
    heapUsedBytes: usedSize,
    heapLiveBytes: live,
    bufferBytes: backingStorageSize,
    census,
    diskBytes: bytesUnder(worker.storage),
    commands,
  }
}
