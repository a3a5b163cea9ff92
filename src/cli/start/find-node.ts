/** Finds wrangler and a Node.js that it runs on. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UsageError } from '../command.ts'

/** wrangler 4.155 (2026-11). */
export const LEAST_NODE_MAJOR = 22

export interface RunningNode {
  readonly path: string
  /** For example `24.21.0`. */
  readonly version: string
}

export const isNewEnough = (version: string): boolean => Number.parseInt(version, 10) >= LEAST_NODE_MAJOR

const require = createRequire(import.meta.url)

/** The folder of an installed package; `undefined` if it is not there. */
const folderOfPackage = (name: string): string | undefined => {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

/**
 * The path of the Node.js to run wrangler with: the one that runs if it is new enough, else the one that npm installed as the optional package
 * `node-<platform>-<architecture>`. Throws a UsageError if there is none.
 */
export const nodeForWrangler = (
  running: RunningNode,
  platform: string,
  architecture: string,
  folderOf: (name: string) => string | undefined = folderOfPackage,
): string => {
  if (isNewEnough(running.version)) return running.path
  const name = `node-${platform}-${architecture}`
  const folder = folderOf(name)
  if (folder !== undefined) return join(folder, 'bin', 'node')
  throw new UsageError(
    `wrangler needs Node.js ${LEAST_NODE_MAJOR} or newer, this is ${running.version}, and the package ${name} is not installed; install a newer Node.js (https://nodejs.org)`,
  )
}

/**
 * The script that the `wrangler` command itself starts in a process of its own, which would answer an interruption with exit code 0.
 * Throws a UsageError if wrangler is not installed.
 */
export const wranglerScript = (): string => {
  try {
    return require.resolve('wrangler')
  } catch {
    throw new UsageError('wrangler is not installed; run npm install')
  }
}
