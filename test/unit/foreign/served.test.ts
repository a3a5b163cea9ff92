/** A scikit-learn pipeline behind the whole HTTP surface: events in, what the notebook would have predicted out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundledReleases } from '../../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import type { ZipMeans } from '../../../src/core/zip/zip-pack.ts'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { ROOT, seedStore } from '../../support/bundled-app.ts'
import { servedDirectory, storedPredictions } from '../../support/foreign.ts'
import { nodeApp } from '../../support/node-app.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

const appServing = (name: string) => {
  const model = new Uint8Array(readFileSync(join(servedDirectory(name), 'model.onnx')))
  const manifest = readJson(join(servedDirectory(name), 'manifest.json'))
  const repository = memoryModels([{ manifest, model: model.buffer }])
  const zipMeans: ZipMeans = readJson(join(ROOT, 'kv-seed/zip3-means.json'))
  return nodeApp(
    'trees',
    { DEFAULT_MODEL: name },
    {
      repository,
      releases: bundledReleases(repository),
      sessions: new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers),
      zipStore: seedStore(),
      zipMeans,
    },
  ).app
}

const { rows } = storedPredictions('pipeline')
const events = rows.epoch_ms.map((time, row) => ({
  createdDateTime: time,
  zipCode: rows.zip[row],
  visits: rows.visits[row],
  ...(rows.device[row] !== null && { device: rows.device[row] }),
  ...(rows.cart_value[row] !== null && { cart_value: rows.cart_value[row] }),
}))

describe('a model trained elsewhere, served', () => {
  it('answers for events what the library predicted for their features, missing ones included', async () => {
    const response = await appServing('pipeline').request('/v1/predict?model=pipeline', {
      method: 'POST',
      body: JSON.stringify(events),
    })
    const { predictions } = (await response.json()) as Batch
    const worst = Math.max(
      ...predictions.map((prediction, row) => {
        const found = (prediction as Prediction).outputs.bought_probability
        return Math.abs(Number(found) - Number(rows.predicted_yes[row]))
      }),
    )
    expect(predictions.length).toBe(60)
    expect(worst).toBeLessThan(1e-5)
    expect((predictions[rows.device.indexOf(null)] as Prediction).imputed).toContain('device')
  })

  it('answers a distribution over days with its quantiles', async () => {
    const response = await appServing('days').request('/v1/predict?model=days', {
      method: 'POST',
      body: JSON.stringify({ createdDateTime: 1731880381293, zipCode: '94107', cart_value: 20 }),
    })
    const { outputs } = (await response.json()) as Prediction
    expect(outputs.delivery_days).toMatchObject({ labels: Array.from({ length: 15 }, (_, day) => day) })
    expect(outputs.delivery_days).toHaveProperty('p50')
  })
})
