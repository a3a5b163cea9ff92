/** `nearcast start`: prepares the local KV and secrets, then serves with `wrangler dev`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, UsageError } from '../command.ts'
import { completeDevVars } from '../start/dev-vars.ts'
import { nodeForWrangler, wranglerScript } from '../start/find-node.ts'
import { runChild } from '../start/run-child.ts'
import { isSeeded, seedDigest, stampSeeded } from '../start/seed-stamp.ts'
import {
  devArguments,
  type SharedArguments,
  seedArguments,
  sharedArguments,
  wranglerEnvironment,
} from '../start/wrangler-arguments.ts'

const SEED_FILE = join('kv-seed', 'zips.json')

const help = `Usage: nearcast start [options of wrangler dev]      (npm start -- [options])

Serves Nearcast on this machine, http://127.0.0.1:8787 unless told otherwise. Run it in the root of the
repository. Before that it
  - puts the zip features of ${SEED_FILE} into the local KV, once, and again when they change
  - writes ADMIN_TOKEN, READ_TOKEN, WRITE_TOKEN, SIGNING_KEY (random) and PUBLIC_STATS=true
    to the git-ignored .dev.vars where they are missing
Every option goes to wrangler dev, for example --port 9000, --persist-to DIR, --config FILE, --env NAME;
npx wrangler dev --help lists them. Needs no network and no Cloudflare account.

Example:
  $ npm start -- --port 9000
`

const say = (message: string): boolean => process.stderr.write(`nearcast start: ${message}\n`)

/** Runs a wrangler command and returns its exit code. */
type Wrangler = (args: readonly string[], stdio: 'inherit' | 'quiet') => Promise<number>

/** Wrangler as it is installed beside this command. Throws a UsageError when it, or a Node.js it runs on, is missing. */
const findWrangler = (): Wrangler => {
  const running = { path: process.execPath, version: process.versions.node }
  const node = nodeForWrangler(running, process.platform, process.arch)
  const script = wranglerScript()
  const env = wranglerEnvironment(process.env)
  return (args, stdio) =>
    runChild(node, ['--no-warnings', script, ...args], {
      env,
      stdio: stdio === 'inherit' ? 'inherit' : ['ignore', 'ignore', 'inherit'],
    })
}

/** Fills the local KV unless it holds this seed already. Returns the exit code of what it ran. */
const seed = async (wrangler: Wrangler, shared: SharedArguments): Promise<number> => {
  const digest = seedDigest(readFileSync(SEED_FILE), readFileSync(shared.config, 'utf8'), shared.environment)
  if (isSeeded(shared.state, digest)) return 0
  const start = performance.now()
  say(`putting the zip features of ${SEED_FILE} into the local KV …`)
  const code = await wrangler(seedArguments(SEED_FILE, shared), 'quiet')
  if (code !== 0) {
    say(`wrangler could not seed the local KV (exit code ${code})`)
    return code
  }
  stampSeeded(shared.state, digest)
  say(`… done in ${((performance.now() - start) / 1000).toFixed(1)} s; next time this is skipped`)
  return 0
}

const run = async (args: readonly string[]): Promise<number> => {
  const shared = sharedArguments(args)
  for (const file of [SEED_FILE, shared.config]) {
    if (!existsSync(file)) throw new UsageError(`${file} is not here; run this in the root of the repository`)
  }
  const wrangler = findWrangler()
  const written = completeDevVars(shared.devVars)
  if (written.length > 0) say(`wrote ${written.join(', ')} to ${shared.devVars}`)
  const code = await seed(wrangler, shared)
  return code === 0 ? wrangler(devArguments(args, process.stdin.isTTY === true), 'inherit') : code
}

export const command: Command = { summary: 'serves on this machine, with everything it needs set up', help, run }
