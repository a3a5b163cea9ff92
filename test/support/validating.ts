/** Versions with something changed in them, and what `nearcast validate` says of them. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { isValid } from '../../src/cli/validate/report.ts'
import { type ValidateOptions, validateVersion } from '../../src/cli/validate/validate-version.ts'
import type { Manifest } from '../../src/protocol/manifest.ts'
import { ROOT } from './bundled-app.ts'
import { servedDirectory } from './foreign.ts'
import { onnxRuntime } from './node-onnx-runtime.ts'
import { modelOf, node, tensor } from './small-graphs.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-validate-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const OPTIONS: ValidateOptions = {
  zips: join(ROOT, 'kv-seed'),
  maximumBytes: 1_000_000,
  maximumMilliseconds: 1_000,
  rows: undefined,
  label: undefined,
  baseline: undefined,
  stable: undefined,
  maximumDifference: undefined,
}

export const validating = async (directory: string, options: Partial<ValidateOptions> = {}) => {
  const validated = await validateVersion(directory, { ...OPTIONS, ...options }, onnxRuntime, { write: () => true })
  const validation = { path: directory, runtime: 'test', ...validated }
  const of = (name: string) => validated.checks.find((check) => check.name === name)
  return { ...validated, valid: isValid(validation), of, status: (name: string) => of(name)?.status }
}

let made = 0
/** A copy of a served version with something changed in its manifest, or in its files. */
export const changed = (
  name: string,
  change: (manifest: Manifest) => void,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string => {
  const directory = join(scratch, `${made++}`, name, '1.0.0')
  mkdirSync(directory, { recursive: true })
  cpSync(servedDirectory(name), directory, { recursive: true })
  const file = join(directory, 'manifest.json')
  const manifest: Manifest = JSON.parse(readFileSync(file, 'utf8'))
  change(manifest)
  writeFileSync(file, JSON.stringify(manifest))
  for (const [path, content] of Object.entries(files)) writeFileSync(join(directory, path), content)
  return directory
}

export const same = (): void => undefined
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The mlp version with another graph, whose manifest says it is that graph. */
export const withGraph = (model: Uint8Array, change: (manifest: Manifest) => void = same): string =>
  changed(
    'mlp',
    (manifest) => {
      manifest.sha256 = sha256(model)
      change(manifest)
    },
    { 'model.onnx': model },
  )

/** A version of one field, `cart_value`, behind a graph of one node. */
export const oneField = (
  opType: string,
  kind: 'value' | 'probability',
  coverage: [number, number],
  golden: [number, number],
) => {
  const model = modelOf({
    input: [tensor('x', [-1, 1])],
    output: [tensor('y', [-1, 1])],
    node: [node(opType, ['x'], ['y'])],
  })
  return withGraph(model, (manifest) => {
    manifest.feature_view.fields = [{ name: 'cart_value', source: 'event', default: 1 }]
    manifest.inputs = [{ name: 'x', datatype: 'FP32', shape: [-1, 1], fields: ['cart_value'] }]
    manifest.outputs = [{ name: 'y', datatype: 'FP32', shape: [-1, 1], kind }]
    manifest.coverage = { cart_value: coverage }
    manifest.golden = [{ inputs: { cart_value: golden[0] }, outputs: { y: golden[1] }, tolerance: 1e-5 }]
    delete manifest.reference
  })
}
