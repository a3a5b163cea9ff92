/** What the figures were measured on. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './root.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly system: string
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
})

/** Installed here, at the top: of hono and onnxruntime-web the package itself would not tell. */
const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version

const MEASURED = ['workerd', 'wrangler', 'miniflare', 'hono', 'onnxruntime-web']

/** Versions of what is measured and what it is measured with. */
export const describeVersions = (): Record<string, string> => ({
  node: process.versions.node,
  ...Object.fromEntries(MEASURED.map((name) => [name, versionOf(name)])),
})
