/** Runs a bundle in workerd with the local bindings that wrangler.toml names, reached over a socket with no proxy between. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, type Json, Miniflare, type V4WorkerOptionsShape } from 'miniflare'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'
import type { Bundle, WorkerModule } from './bundle.ts'
import { canReadProcesses, childrenNamed } from './process-stat.ts'
import { ROOT } from './root.ts'
import type { SeedEntry } from './traffic.ts'

export interface RunningWorker {
  readonly port: number
  /** Of the workerd process; 0 where it cannot be found out. */
  readonly pid: number
  /** From the call to the open port. */
  readonly startMilliseconds: number
  /** Its bindings, as seen from here. */
  readonly miniflare: Miniflare
  /** The folder that holds what it stores. */
  readonly storage: string
  stop(): Promise<void>
}

/** Everything on, as `npm start` has it: with a key, answers carry receipts. */
export const SECRETS = {
  ADMIN_TOKEN: 'bench-admin-token-0',
  READ_TOKEN: 'bench-read-token-00',
  WRITE_TOKEN: 'bench-write-token-0',
  SIGNING_KEY: 'bench-signing-key-0',
  PUBLIC_STATS: 'true',
}

export type WorkerKind = 'product' | 'bare'

const readConfig = (): Record<WorkerKind, V4WorkerOptionsShape> => {
  // It would tell of .dev.vars, whose values are not used here.
  process.env.WRANGLER_LOG ??= 'warn'
  const config = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
  // Wrangler's own type of these has lost their names (4.155.0).
  const options: V4WorkerOptionsShape = unstable_getMiniflareWorkerOptions(config).workerOptions
  const { compatibilityDate = '', compatibilityFlags = [] } = options
  return {
    product: { ...options, bindings: { ...(config.vars as Record<string, Json>), ...SECRETS } },
    bare: { compatibilityDate, compatibilityFlags },
  }
}

export interface WorkerSettings {
  /** Takes what the runtime prints, a call of console at a time; else it goes to this process's own output. */
  readonly takeLog?: (log: { readonly level: string; readonly message: string }) => void
  /** Variables that are other than those of wrangler.toml and SECRETS. */
  readonly variables?: Readonly<Record<string, string>>
  /** The storage of a worker that is no more: this one goes on with it. */
  readonly storage?: string
  /** Answers dist/assets too, by a router that stands before it: it costs time. */
  readonly hasAssets?: true
  /** Its V8 can be asked by the inspector protocol, at `miniflare.getInspectorURL()`. */
  readonly isInspected?: boolean
}

const optionsFor = (
  { assets, ...worker }: V4WorkerOptionsShape,
  bundle: Bundle,
  folder: string,
  settings: WorkerSettings = {},
) =>
  convertV4MiniflareOptions({
    ...worker,
    ...(settings.hasAssets === true && assets !== undefined && { assets }),
    bindings: { ...worker.bindings, ...settings.variables },
    ...(settings.takeLog !== undefined && { handleStructuredLogs: settings.takeLog }),
    ...(settings.isInspected === true && { inspectorPort: 0 }),
    resourcePersistencePath: folder,
    modulesRoot: '/worker',
    modules: bundle.map(({ name, type, contents }) => ({ type, path: `/worker/${name}`, contents })),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  })

const NOTHING: WorkerModule = { name: 'index.js', type: 'ESModule', contents: Buffer.from('export default {}') }

export interface WorkerHost {
  /** `product`: with the bindings of wrangler.toml; `bare`: with none. */
  start(bundle: Bundle, kind: WorkerKind, settings?: WorkerSettings): Promise<RunningWorker>
  /** Writes `packs` to the KV namespace that Workers find when they are started after it, each in storage of its own. */
  seed(packs: readonly SeedEntry[]): Promise<void>
  remove(): void
}

export const createWorkerHost = (): WorkerHost => {
  const config = readConfig()
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-bench-'))
  const seeded = join(folder, 'seeded')
  mkdirSync(seeded)
  return {
    async start(bundle, kind, settings) {
      const others = new Set(canReadProcesses ? childrenNamed('workerd') : [])
      const own = settings?.storage ?? mkdtempSync(join(folder, 'worker-'))
      if (settings?.storage === undefined) cpSync(seeded, own, { recursive: true })
      const start = performance.now()
      const miniflare = new Miniflare(optionsFor(config[kind], bundle, own, settings))
      const url = await miniflare.unsafeGetDirectURL()
      const startMilliseconds = performance.now() - start
      const pid = canReadProcesses ? childrenNamed('workerd').find((child) => !others.has(child)) : 0
      if (pid === undefined) throw new Error('workerd is not among the children of this process')
      const stop = (): Promise<void> => miniflare.dispose()
      return { port: Number(url.port), pid, startMilliseconds, miniflare, storage: own, stop }
    },
    async seed(packs) {
      const miniflare = new Miniflare(
        optionsFor({ ...config.bare, kvNamespaces: config.product.kvNamespaces ?? {} }, [NOTHING], seeded),
      )
      try {
        const namespace = await miniflare.getKVNamespace('ZIP_FEATURES')
        for (const { key, value } of packs) await namespace.put(key, value)
      } finally {
        await miniflare.dispose()
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
