/** Each model of the repository behind the Open Inference Protocol V2: described as its manifest says, its golden rows answered. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundledReleases } from '../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { versionsIn } from '../../src/cli/import/bundle-index.ts'
import type { InferenceResponse, ModelMetadata } from '../../src/protocol/inference.ts'
import { type Manifest, manifestSchema } from '../../src/protocol/manifest.ts'
import { SessionRegistry } from '../../src/serving/session-registry.ts'
import { json } from '../support/answer.ts'
import { ROOT } from '../support/bundled-app.ts'
import { nodeApp } from '../support/node-app.ts'
import { onnxRuntime } from '../support/node-onnx-runtime.ts'

const folder = join(ROOT, 'model')
const bundled = (await versionsIn(folder)).map(({ name, version }) => ({
  manifest: manifestSchema.parse(JSON.parse(readFileSync(join(folder, name, version, 'manifest.json'), 'utf8'))),
  model: new Uint8Array(readFileSync(join(folder, name, version, 'model.onnx'))).buffer,
}))
const repository = memoryModels(bundled)
const { app } = nodeApp(
  'trees',
  {},
  {
    repository,
    releases: bundledReleases(repository),
    sessions: new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers),
  },
)
const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
  app.request(`https://nearcast.test/v2/models/${path}`, init)

/** The golden rows without a missing value, which JSON cannot send. */
const wholeRows = ({ golden }: Manifest): Manifest['golden'] =>
  golden.filter(({ inputs }) => Object.values(inputs).every((value) => value !== null))

describe.each(bundled.map(({ manifest }) => [manifest.name, manifest] as const))('%s', (name, manifest) => {
  const [input] = manifest.inputs
  if (input === undefined) throw new Error(`${name} has no input`)

  it('is described by its manifest', async () => {
    const described = await json<ModelMetadata>(await call(name))
    expect(described).toMatchObject({ name, platform: manifest.platform, versions: [manifest.version] })
    expect(described.inputs).toMatchObject([{ name: input.name, datatype: input.datatype, shape: [...input.shape] }])
    expect(described.outputs).toMatchObject(
      manifest.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    )
  })

  it('is ready, and gives its golden rows as tensors', async () => {
    expect((await call(`${name}/ready`)).status).toBe(200)
    const rows = wholeRows(manifest)
    expect(rows.length).toBeGreaterThanOrEqual(8)
    const data = rows.flatMap(({ inputs }) => input.fields.map((field) => inputs[field]))
    const shape = [rows.length, input.fields.length]
    const response = await call(`${name}/versions/${manifest.version}/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: [{ name: input.name, datatype: input.datatype, shape, data }] }),
    })
    expect(response.status).toBe(200)
    const { outputs } = await json<InferenceResponse>(response)
    for (const output of outputs) {
      const expected = rows.flatMap(({ outputs: golden }) => golden[output.name] ?? []) as number[]
      expect(output.data).toHaveLength(expected.length)
      const worst = Math.max(...expected.map((value, at) => Math.abs(value - Number(output.data[at]))))
      expect(worst).toBeLessThan(1e-5)
    }
  })
})
