/** Makes the scripts of the beacon out of src/beacon, as the module that the worker serves them from. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

/** Where the module stands, from the root. */
export const BEACON_FILE = 'src/http/pages/beacon-bundle.ts'

/** What the scripts may have at most, bytes as gzip makes them. */
export const BEACON_GATES = { core: 2_560, auto: 2_048 } as const

const scriptOf = async (file: string, format: 'iife' | 'esm'): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'src', 'beacon', file)],
    ...{ bundle: true, minify: true, write: false, format, target: 'es2021', legalComments: 'none', charset: 'utf8' },
    // No "use strict" for the sake of the type checker.
    tsconfigRaw: '{}',
    absWorkingDir: ROOT,
  })
  return outputFiles[0]?.text.trimEnd() ?? ''
}

/** What browsers are given. */
export const beaconScripts = async (): Promise<Record<keyof typeof BEACON_GATES, string>> => ({
  core: await scriptOf('script.ts', 'iife'),
  auto: await scriptOf('auto.ts', 'esm'),
})

const constant = (name: string, text: string): string => {
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  return `export const ${name} = { text: ${JSON.stringify(text)}, tag: ${JSON.stringify(tag)} }`
}

/** The text of the module: the same for the same sources, whatever the machine. */
export const beaconBundleText = async (): Promise<string> => {
  const { core, auto } = await beaconScripts()
  return [
    '/** The scripts of the beacon, made by `npm run build:pages` out of src/beacon. */',
    constant('CORE', core),
    constant('AUTO', auto),
    '',
  ].join('\n')
}
