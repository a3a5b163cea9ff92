/** A Worker of a test's own: bundled by esbuild, run by workerd, reached over a socket with no proxy between. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const require = createRequire(import.meta.url)

/** Where the modules stand in workerd; no folder of this machine. */
const ROOT = '/worker'

/** Leaves `.wasm` and `.onnx` to workerd, as wrangler's rules do, and collects them. */
const binaryModules = (found: Map<string, string>): Plugin => ({
  name: 'binary modules',
  setup({ onResolve }) {
    onResolve({ filter: /\.(wasm|onnx)$/ }, ({ path, importer }) => {
      const file = path.startsWith('.') ? resolve(dirname(importer), path) : require.resolve(path)
      found.set(basename(file), file)
      return { path: `./${basename(file)}`, external: true }
    })
  },
})

export interface BundledWorker {
  readonly url: URL
  json(path: string): Promise<unknown>
  stop(): Promise<void>
}

/** `prelude` is JavaScript that runs before every module of the Worker; `constants` replace identifiers in it. The namespaces start empty. */
export const startWorker = async (
  entry: string,
  prelude: string,
  constants: Readonly<Record<string, string>>,
  kvNamespaces: readonly string[] = [],
): Promise<BundledWorker> => {
  const binaries = new Map<string, string>()
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    banner: { js: prelude },
    define: { ...constants },
    plugins: [binaryModules(binaries)],
    logLevel: 'error',
  })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modulesRoot: ROOT,
      modules: [
        { type: 'ESModule', path: `${ROOT}/index.js`, contents: outputFiles[0]?.text ?? '' },
        ...[...binaries].map(([name, file]) => ({
          type: name.endsWith('.wasm') ? ('CompiledWasm' as const) : ('Data' as const),
          path: `${ROOT}/${name}`,
          contents: new Uint8Array(readFileSync(file)),
        })),
      ],
      compatibilityDate: '2026-10-01',
      kvNamespaces: [...kvNamespaces],
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    }),
  )
  const url = await miniflare.unsafeGetDirectURL()
  return {
    url,
    json: async (path) => (await fetch(new URL(path, url))).json(),
    stop: () => miniflare.dispose(),
  }
}
