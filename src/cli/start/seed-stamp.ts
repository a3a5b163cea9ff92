/** Whether the local KV holds the zip features of kv-seed, told by a stamp beside it. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The tables of a wrangler.toml that say which namespace a binding is. */
const KV_TABLES = /^[ \t]*\[\[[\w.-]*kv_namespaces\]\][^[]*/gm

/**
 * A digest that changes when the seed does, or the namespace it goes to: SHA-256, hex. `configText` is the text of wrangler.toml (of another form
 * of configuration all of it counts), `environment` the name of its environment.
 */
export const seedDigest = (seed: Uint8Array, configText: string, environment: string): string => {
  const tables = configText.match(KV_TABLES) ?? [configText]
  return createHash('sha256')
    .update(seed)
    .update('\0')
    .update(tables.join(''))
    .update('\0')
    .update(environment)
    .digest('hex')
}

/** Inside the state folder, so that it goes when the state goes. */
const stampFile = (state: string): string => join(state, 'nearcast-seed.json')

/** Whether `state` was seeded with what `digest` stands for, and its KV is still there. A stamp that cannot be read counts as none. */
export const isSeeded = (state: string, digest: string): boolean => {
  if (!existsSync(join(state, 'v3', 'kv'))) return false
  try {
    const stamp: unknown = JSON.parse(readFileSync(stampFile(state), 'utf8'))
    return typeof stamp === 'object' && stamp !== null && 'digest' in stamp && stamp.digest === digest
  } catch {
    return false
  }
}

/** Remembers that `state` holds the seed. */
export const stampSeeded = (state: string, digest: string): void => {
  mkdirSync(state, { recursive: true })
  writeFileSync(stampFile(state), `${JSON.stringify({ digest })}\n`)
}
