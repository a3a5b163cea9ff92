/** The `nearcast` command as it is built, run on files of a folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

export interface CliResult {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface BuiltCli {
  /** A folder for files; removed by `remove`. */
  readonly folder: string
  /** A new folder inside it. */
  newFolder(): string
  /** Runs `nearcast featurize` in `folder`, or in another one. */
  featurize(args: readonly string[], input?: string | Uint8Array, folder?: string): Promise<CliResult>
  /** The same, still running. */
  start(args: readonly string[], folder?: string): ChildProcess
  remove(): void
}

const ROOT = resolve(import.meta.dirname, '../..')

/** Inside the repository, so that packages are found. */
const CACHE = join(ROOT, '.cache')

export const buildCli = async (): Promise<BuiltCli> => {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'featurize-'))
  const code = join(folder, 'dist')
  await promisify(execFile)('npm', ['run', '--silent', 'build:cli', '--', `--outdir=${code}`], { cwd: ROOT })
  const start = (args: readonly string[], cwd = folder): ChildProcess =>
    spawn(process.execPath, [join(code, 'nearcast.js'), 'featurize', '--zips', join(ROOT, 'kv-seed'), ...args], {
      cwd,
      stdio: 'pipe',
    })
  return {
    folder,
    start,
    newFolder: () => mkdtempSync(join(folder, 'run-')),
    async featurize(args, input, cwd) {
      const child = start(args, cwd)
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
      // A run that fails before it has read everything closes the pipe.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(input)
      const [exitCode] = (await once(child, 'close')) as [number | null]
      return { code: exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
