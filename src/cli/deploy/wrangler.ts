/** Runs wrangler with a deadline, and reads what it says for machines. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { RefusedError } from '../release/admin-client.ts'
import { nodeForWrangler, wranglerScript } from '../start/find-node.ts'
import { wranglerEnvironment } from '../start/wrangler-arguments.ts'

/** A line of the file that wrangler 4.155 writes where WRANGLER_OUTPUT_FILE_PATH says (read in its source, 2026-11). */
const entrySchema = z.looseObject({ type: z.string() })
export type OutputEntry = z.infer<typeof entrySchema>

export interface WranglerAnswer {
  /** `null`: it was ended at its deadline. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly entries: readonly OutputEntry[]
}

/** Calls wrangler with these arguments. Rejects only if it cannot be started. */
export type Wrangler = (args: readonly string[]) => Promise<WranglerAnswer>

/** An upload takes a minute on a bad day. */
export const WRANGLER_MILLISECONDS = 180_000

const readEntries = (file: string): readonly OutputEntry[] => {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => entrySchema.parse(JSON.parse(line)))
  } catch {
    return []
  }
}

/** Wrangler as it is installed, or the script that `NEARCAST_WRANGLER` names in its place. */
export const installedWrangler = (deadlineMilliseconds = WRANGLER_MILLISECONDS): Wrangler => {
  const script = process.env.NEARCAST_WRANGLER || wranglerScript()
  const running = { path: process.execPath, version: process.versions.node }
  const node = nodeForWrangler(running, process.platform, process.arch)
  return (args) =>
    new Promise((resolve, reject) => {
      const folder = mkdtempSync(join(tmpdir(), 'nearcast-wrangler-'))
      const file = join(folder, 'output.ndjson')
      // Without a terminal it asks nothing and takes its defaults.
      const env = { ...wranglerEnvironment(process.env), NO_COLOR: '1', CI: '1', WRANGLER_OUTPUT_FILE_PATH: file }
      const child = spawn(node, ['--no-warnings', script, ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: deadlineMilliseconds,
        killSignal: 'SIGKILL',
      })
      const parts = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (part: string) => {
          parts[name] += part
        })
      }
      child.once('error', (error) => {
        rmSync(folder, { recursive: true, force: true })
        reject(error)
      })
      child.once('close', (code) => {
        const entries = readEntries(file)
        rmSync(folder, { recursive: true, force: true })
        resolve({ code, ...parts, entries })
      })
    })
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** Text without colours, which wrangler paints even where NO_COLOR is set. */
export const plain = (text: string): string => text.replaceAll(ESCAPES, '')

/** Why a call failed, in one line. */
export const failureOf = ({ code, stdout, stderr, entries }: WranglerAnswer): string => {
  if (code === null) return 'it did not end in time'
  const failed = entries.find(({ type }) => type === 'command-failed')
  const text = typeof failed?.message === 'string' ? failed.message : plain(stderr.trim() || stdout.trim())
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? `exit code ${code}`
  )
}

/** The answer of a call that must succeed. Throws a RefusedError that names the command. */
export const mustRun = async (wrangler: Wrangler, args: readonly string[]): Promise<WranglerAnswer> => {
  const answer = await wrangler(args)
  if (answer.code === 0) return answer
  throw new RefusedError(`wrangler ${args.join(' ')}: ${failureOf(answer)}`)
}

/** The JSON a call prints, as `schema` wants it. Throws a RefusedError. */
export const readJson = <T>(args: readonly string[], { stdout }: WranglerAnswer, schema: z.ZodType<T>): T => {
  try {
    return schema.parse(JSON.parse(stdout))
  } catch {
    throw new RefusedError(`wrangler ${args.join(' ')} printed what is not the expected JSON: ${stdout.slice(0, 80)}`)
  }
}
