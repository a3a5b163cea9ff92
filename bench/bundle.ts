/** The Worker as it would be deployed, bundled by wrangler itself, its variant for comparison, and the bare peer. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { ROOT } from './root.ts'

export interface WorkerModule {
  readonly name: string
  readonly type: 'ESModule' | 'CompiledWasm' | 'Data'
  readonly contents: Buffer
}

/** The first module is the entry. */
export type Bundle = readonly WorkerModule[]

const typeOf = (name: string): WorkerModule['type'] =>
  name.endsWith('.js') ? 'ESModule' : name.endsWith('.wasm') ? 'CompiledWasm' : 'Data'

/** `entry`: instead of the one that wrangler.toml names, as a path from the root. */
export const deployedBundle = (entry = 'src/index.ts'): Bundle => {
  const directory = mkdtempSync(join(tmpdir(), 'nearcast-bundle-'))
  const first = basename(entry).replace(/\.ts$/, '.js')
  try {
    execFileSync('wrangler', ['deploy', entry, '--dry-run', '--outdir', directory], { cwd: ROOT, stdio: 'pipe' })
    return readdirSync(directory)
      .filter((name) => !name.endsWith('.map') && name !== 'README.md')
      .sort((a, b) => Number(b === first) - Number(a === first))
      .map((name) => ({ name, type: typeOf(name), contents: readFileSync(join(directory, name)) }))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** How src/services.ts begins to start the sessions at module scope, as wrangler's bundle has it. */
const EAGER_START = /^ *void startSessions\(/gm
const NO_START = 'void (async () => ({ ready: false, reasons: [] }))('

/** `bundle` without that start, so that the first request starts the session. Throws unless it stands there once. */
export const lazyVariant = (bundle: Bundle): Bundle =>
  bundle.map((module) => {
    if (module.name !== 'index.js') return module
    const code = module.contents.toString()
    const found = code.match(EAGER_START)?.length ?? 0
    if (found !== 1) throw new Error(`"void startSessions(…)" stands ${found} times in the bundle; 1 was expected`)
    return { ...module, contents: Buffer.from(code.replace(EAGER_START, NO_START)) }
  })

export const bareBundle = (): Bundle => {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('bare-worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    outfile: 'index.js',
  })
  return [{ name: 'index.js', type: 'ESModule', contents: Buffer.from(outputFiles[0].contents) }]
}

export interface BundleSize {
  readonly rawBytes: number
  readonly gzipBytes: number
}

/** Each module compressed alone, as bench/size.ts gates it. */
export const sizeOf = (bundle: Bundle): BundleSize => ({
  rawBytes: bundle.reduce((sum, { contents }) => sum + contents.byteLength, 0),
  gzipBytes: bundle.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0),
})
