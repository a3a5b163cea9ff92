/** The bundled model over the whole committed zip data, in plain Node: what the worker serves, without workerd. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledReleases } from '../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { readZipPack } from '../../src/core/zip/read-zip-pack.ts'
import type { ZipMeans } from '../../src/core/zip/zip-pack.ts'
import { zipPackKey } from '../../src/protocol/store-keys.ts'
import type { ZipPackStore } from '../../src/serving/ports.ts'
import { SessionRegistry } from '../../src/serving/session-registry.ts'
import { type NodeApp, nodeApp } from './node-app.ts'
import { onnxRuntime } from './node-onnx-runtime.ts'

export const ROOT = join(import.meta.dirname, '../..')
const VERSION = join(ROOT, 'model/late-arrival/1.0.0')

const readJson = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T

/** Every zip of the committed seed. */
export const seededZips = (): string[] =>
  readJson<{ value: string }[]>(ROOT, 'kv-seed/zips.json').flatMap(({ value }) =>
    Object.keys(readZipPack(JSON.parse(value)).zips),
  )

export const seedStore = (): ZipPackStore => {
  const entries = new Map(
    readJson<{ key: string; value: string }[]>(ROOT, 'kv-seed/zips.json').map(({ key, value }) => [key, value]),
  )
  return {
    read: async (zip3s) =>
      new Map(
        zip3s.map((zip3) => {
          const text = entries.get(zipPackKey(zip3))
          return [zip3, text === undefined ? null : readZipPack(JSON.parse(text))]
        }),
      ),
  }
}

/** `decorate` wraps the zip store, to inject faults. */
export const bundledApp = (decorate: (store: ZipPackStore) => ZipPackStore = (store) => store): NodeApp => {
  const model = new Uint8Array(readFileSync(join(VERSION, 'model.onnx')))
  const repository = memoryModels([{ manifest: readJson(VERSION, 'manifest.json'), model: model.buffer }])
  return nodeApp(
    'trees',
    {},
    {
      repository,
      releases: bundledReleases(repository),
      sessions: new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers),
      zipStore: decorate(seedStore()),
      zipMeans: readJson<ZipMeans>(ROOT, 'kv-seed/zip3-means.json'),
    },
  )
}
