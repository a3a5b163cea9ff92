/** Runs a program and tells how long it took, as a whole, and the most memory it held. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface MeasuredRun {
  readonly milliseconds: number
  /** The peak of its resident memory; `undefined` where the system does not tell. */
  readonly peakBytes: number | undefined
}

const POLL_MILLISECONDS = 5
const KIBIBYTE = 1_024

/** The peak so far, as Linux keeps it (proc(5), VmHWM). */
const peakOf = (pid: number): number | undefined => {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) * KIBIBYTE
  } catch {
    return undefined
  }
}

/** Rejects with what the program has written to standard error unless it ends with exit code 0. */
export const runMeasured = (program: string, args: readonly string[], cwd: string): Promise<MeasuredRun> =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    let peakBytes: number | undefined
    let complaint = ''
    const poll = setInterval(() => {
      if (child.pid !== undefined) peakBytes = peakOf(child.pid) ?? peakBytes
    }, POLL_MILLISECONDS)
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => {
      clearInterval(poll)
      const milliseconds = performance.now() - start
      if (code === 0) resolve({ milliseconds, peakBytes })
      else reject(new Error(`${program} ended with exit code ${code}: ${complaint.trim()}`))
    })
  })
