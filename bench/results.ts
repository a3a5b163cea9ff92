/** The one file of figures, bench/results.json: what stands in it, and how it is read and written. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleSize } from './bundle.ts'
import type { StartResult } from './first-request.ts'
import type { Machine } from './machine.ts'
import { ROOT } from './root.ts'
import type { StageTimes } from './stages.ts'
import type { StartupCpu } from './startup-cpu.ts'
import type { ShapeResult, ThroughputPlan } from './throughput.ts'

export interface Results {
  /** Prints these figures. */
  readonly command: string
  /** UTC, for example `2026-11-24`. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly model: {
    readonly name: string
    readonly version: string
    readonly bytes: number
    readonly trees: number
    readonly leaves: number
  }
  readonly plan: ThroughputPlan
  readonly shapes: readonly ShapeResult[]
  /** Why the Python peers were left out; `null` when they were not. */
  readonly peersSkipped: string | null
  readonly stages: readonly StageTimes[]
  readonly starts: Readonly<Record<string, StartResult>>
  readonly startsEach: number
  readonly startup: StartupCpu
  readonly bundle: BundleSize
}

const FILE = join(ROOT, 'bench', 'results.json')

export const readResults = (): Results => JSON.parse(readFileSync(FILE, 'utf8')) as Results

export const writeResults = (results: Results): void => writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
