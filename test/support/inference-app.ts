/** An app that serves several of the stored graphs at once, and versions of them that are not released: for tensors in, tensors out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BundledVersion, memoryModels } from '../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { bundledRelease, type Release } from '../../src/core/release/release.ts'
import type { Parts } from '../../src/http/assemble.ts'
import type { InferenceResponse } from '../../src/protocol/inference.ts'
import { SessionRegistry } from '../../src/serving/session-registry.ts'
import { servedDirectory } from './foreign.ts'
import { type NodeApp, nodeApp } from './node-app.ts'
import { onnxRuntime } from './node-onnx-runtime.ts'
import { graphBytes, storedFixture } from './onnx-files.ts'

export const WRITE_TOKEN = 'write-token-of-the-tests'

const fixture = (name: string, version = '1.0.0'): BundledVersion => ({
  manifest: { ...storedFixture(name).manifest, version },
  model: graphBytes(name).buffer,
})

const foreign = (name: string): BundledVersion => ({
  manifest: JSON.parse(readFileSync(join(servedDirectory(name), 'manifest.json'), 'utf8')),
  model: new Uint8Array(readFileSync(join(servedDirectory(name), 'model.onnx'))).buffer,
})

/** `trees` has 1.0.0 stable, 1.1.0 canary and 1.2.0 unreleased; every other model has 1.0.0. `broken` is no graph. */
export const inferenceApp = (env: object = {}, parts: Partial<Parts> = {}): NodeApp => {
  const repository = memoryModels([
    fixture('trees'),
    fixture('trees', '1.1.0'),
    fixture('trees', '1.2.0'),
    fixture('named'),
    fixture('days'),
    fixture('logarithm'),
    foreign('pipeline'),
    foreign('xgboost'),
    { manifest: { ...storedFixture('mlp').manifest, name: 'broken' }, model: new ArrayBuffer(3) },
  ])
  const { clock = systemClock, timers = systemTimers } = parts
  const canary = { version: '1.1.0', share: 0.05, since: 0 }
  const release = (model: string): Release | null =>
    repository.versions(model).length === 0
      ? null
      : { ...bundledRelease(model, '1.0.0'), revision: 1, canary: model === 'trees' ? canary : null }
  return nodeApp(
    'trees',
    { WRITE_TOKEN, ...env },
    {
      repository,
      releases: { current: release },
      sessions: new SessionRegistry(repository, onnxRuntime, clock, timers),
      ...parts,
    },
  )
}

/** A request body of the protocol: one input, one row, as the graph `trees` wants it. */
export const TREES_INPUT = { name: 'features', shape: [1, 5], datatype: 'FP32', data: [21, 6, 37.76, -122.39, 3] }

/** Posts `body` (JSON text, or what becomes it) to `path` below /v2/models/. */
export const infer = async (
  { app }: NodeApp,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; answer: InferenceResponse & { error?: string } }> => {
  const response = await app.request(`https://nearcast.test/v2/models/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  })
  const text = await response.text()
  return { status: response.status, text, answer: JSON.parse(text) }
}
