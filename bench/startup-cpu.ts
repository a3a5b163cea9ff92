/** Start-up CPU time, as `wrangler check startup` profiles it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './root.ts'

/** A V8 CPU profile, as far as it is read here; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface StartupCpu {
  /** All but idle: Cloudflare allows 1 s (Workers limits, read 2026-11). */
  readonly activeMilliseconds: number
  /** Of these, in WebAssembly: ONNX Runtime and the session it opens. */
  readonly wasmMilliseconds: number
}

export const readProfile = ({ nodes, samples, timeDeltas }: CpuProfile): StartupCpu => {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  let active = 0
  let wasm = 0
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)') return
    active += timeDeltas[index]
    if (frame.url.startsWith('wasm:') || frame.functionName.includes('-to-wasm')) wasm += timeDeltas[index]
  })
  return { activeMilliseconds: Math.round(active / 1_000), wasmMilliseconds: Math.round(wasm / 1_000) }
}

export const measureStartupCpu = (): StartupCpu => {
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-startup-'))
  const file = join(folder, 'startup.cpuprofile')
  try {
    const args = ['check', 'startup', `--args=--config ${join(ROOT, 'wrangler.toml')}`, '--outfile', file]
    execFileSync('wrangler', args, { cwd: ROOT, stdio: 'pipe' })
    return readProfile(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
