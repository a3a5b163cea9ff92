/** The Python peers: their environment, installed once, and their processes. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Connection } from './connection.ts'
import type { BenchModel } from './model.ts'
import { ROOT } from './root.ts'

const FOLDER = join(ROOT, '.cache', 'bench-python')
const PYTHON = join(FOLDER, 'bin', 'python')
const STAMP = join(FOLDER, 'requirements.txt')
const PEERS = join(ROOT, 'bench', 'peers')
const REQUIREMENTS = join(PEERS, 'requirements.txt')
const START_MILLISECONDS = 60_000

/** What pip or Python had to say, in one line. */
const reasonOf = (error: unknown): string => String(error).trim().split('\n').at(-1) ?? ''

const print = (python: string, code: string): string => execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim()

/** The version of the Python that runs the peers, or in `skipped` why there is none. */
export type PythonPeers = { readonly version: string } | { readonly skipped: string }

export const installPeers = (): PythonPeers => {
  try {
    const least = 'import sys; print(sys.version.split()[0] if sys.version_info >= (3, 10) else "")'
    if (print('python3', least) === '') return { skipped: 'python3 is older than 3.10' }
  } catch {
    return { skipped: 'no Python' }
  }
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  try {
    if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
      rmSync(FOLDER, { recursive: true, force: true })
      mkdirSync(FOLDER, { recursive: true })
      execFileSync('python3', ['-m', 'venv', FOLDER], { stdio: 'pipe' })
      execFileSync(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS], { stdio: 'pipe' })
      writeFileSync(STAMP, wanted)
    }
    return { version: print(PYTHON, 'import sys; print(sys.version.split()[0])') }
  } catch (error) {
    return { skipped: `their packages cannot be installed: ${reasonOf(error)}` }
  }
}

/** A port that was free a moment ago. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(address)))
    })
  })

export interface RunningPeer {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/** Starts `app` (a file of bench/peers) in one uvicorn process with one thread for its arithmetic, and waits until it listens. */
export const startPeer = async (app: 'app_onnx' | 'app_sklearn', model: BenchModel): Promise<RunningPeer> => {
  const port = await freePort()
  const args = ['-m', 'uvicorn', `${app}:app`, '--port', String(port), '--no-access-log', '--log-level', 'warning']
  const child = spawn(PYTHON, args, {
    cwd: PEERS,
    env: {
      ...process.env,
      BENCH_MODEL_FOLDER: model.folder,
      BENCH_TREES: String(model.trees),
      BENCH_LEAVES: String(Math.round(model.leaves / model.trees)),
      OMP_NUM_THREADS: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill()
    await ended
  }
  for (const start = performance.now(); performance.now() - start < START_MILLISECONDS; await setTimeout(100)) {
    if (child.exitCode !== null) throw new Error(`${app} ended with exit code ${child.exitCode}`)
    try {
      ;(await Connection.open(port)).close()
      return { port, pid: child.pid ?? 0, stop }
    } catch {
      // It does not listen yet.
    }
  }
  await stop()
  throw new Error(`${app} does not listen after ${START_MILLISECONDS} ms`)
}
