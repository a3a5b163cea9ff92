import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { bundledModels } from '../../../src/adapters/bundled-models.ts'
import { combinedModels } from '../../../src/adapters/combined-models.ts'
import { onnxRuntime } from '../../../src/adapters/onnx-runtime.ts'
import { type ModelBucket, r2ModelRepository } from '../../../src/adapters/r2-model-repository.ts'
import { releaseControllerClient } from '../../../src/adapters/release-controller-client.ts'
import { releaseTargets } from '../../../src/adapters/release-targets.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { bundledRelease } from '../../../src/core/release/release.ts'
import { versionFileKey } from '../../../src/protocol/store-keys.ts'
import { createServices } from '../../../src/services.ts'
import { openModel } from '../../../src/serving/open-model.ts'
import type { ReleaseControl } from '../../../src/serving/ports/release-control.ts'
import { type CallFault, faultyControl, faultyObjects } from '../../support/faulty-registry.ts'
import { filesOf, newName } from './versions.ts'

const faults: Partial<Record<keyof ReleaseControl | 'write', CallFault>> = {}
const { registry } = createServices(env as Env, {
  objects: (real) => faultyObjects(real, () => faults.write ?? 'none'),
  control: (real) => faultyControl(real, (method) => faults[method] ?? 'none'),
})
if (registry === undefined) throw new Error('there is no registry')
const { publisher } = registry

const never = () => new Promise<never>(() => undefined)
const stored = r2ModelRepository(env.MODELS, systemTimers)
const soon = () => deadlineIn(systemClock, 5_000)
const published = async (name: string): Promise<string[]> =>
  (await publisher.versions(name).catch(() => ({ published: [] }))).published.map(({ version }) => version)

beforeEach(() => {
  for (const fault of Object.keys(faults)) delete faults[fault as keyof typeof faults]
})

describe('publishing, with a fault in the middle', () => {
  const PLACES: readonly [keyof typeof faults, CallFault, readonly string[]][] = [
    ['reserve', 'before', []],
    ['reserve', 'after', []],
    ['write', 'before', []],
    ['write', 'after', []],
    ['register', 'before', []],
    ['register', 'after', ['1.0.0']],
  ]
  it.each(PLACES)(
    '%s failing %s leaves no version or the whole one, and may be repeated',
    async (place, fault, left) => {
      const name = newName()
      const files = filesOf(name, '1.0.0')
      faults[place] = fault
      await expect(publisher.publish(name, files, 'ada')).rejects.toThrow()
      delete faults[place]
      expect(await published(name)).toEqual(left)
      const again = await publisher.publish(name, files, 'ada')
      expect(again.created).toBe(left.length === 0)
      expect(await published(name)).toEqual(['1.0.0'])
      const opened = await openModel(await found(name), onnxRuntime)
      await opened.release()
    },
  )

  const found = async (name: string) => {
    const files = await stored.load(name, '1.0.0', soon())
    if (files === null) throw new Error('the version is not stored')
    return files
  }

  it('replaces files that were written and never registered', async () => {
    const name = newName()
    faults.register = 'before'
    const abandoned = filesOf(name, '1.0.0', (manifest) => {
      manifest.metrics = { auc: 0.1 }
    })
    await expect(publisher.publish(name, abandoned, 'ada')).rejects.toThrow()
    delete faults.register
    // Others have to wait for the reservation to run out.
    await expect(publisher.publish(name, filesOf(name, '1.0.0'), 'bob')).rejects.toMatchObject({
      code: 'version_exists',
    })
    const { version } = await publisher.publish(name, abandoned, 'ada')
    expect(version.metrics).toEqual({ auc: 0.1 })
  })
})

describe('published versions', () => {
  const bucket = (changes: Partial<ModelBucket>): ModelBucket => ({
    get: (env.MODELS.get as ModelBucket['get']).bind(env.MODELS),
    put: (env.MODELS.put as ModelBucket['put']).bind(env.MODELS),
    ...changes,
  })
  it('are loaded behind the bundled ones, byte for byte', async () => {
    const name = newName()
    const files = filesOf(name, '1.0.0')
    await publisher.publish(name, files, 'ada')
    const models = combinedModels(bundledModels, stored)
    expect((await models.load(name, '1.0.0', soon()))?.model).toEqual(files.model)
    expect(await models.load(name, '2.0.0', soon())).toBeNull()
    expect((await models.load('late-arrival', '1.0.0', soon()))?.manifest.name).toBe('late-arrival')
    expect(models.manifest('late-arrival', '1.0.0')?.version).toBe('1.0.0')
  })

  it('leave the bundled ones alone when R2 is down, and do not keep anyone waiting when it is silent', async () => {
    const down = r2ModelRepository(bucket({ get: () => Promise.reject(new Error('R2 is down')) }), systemTimers)
    const silent = r2ModelRepository(bucket({ get: never, put: never }), systemTimers)
    expect(await combinedModels(bundledModels, down).load('late-arrival', '1.0.0', soon())).not.toBeNull()
    await expect(down.load('m', '1.0.0', soon())).rejects.toMatchObject({ code: 'model_unavailable' })
    const brief = () => deadlineIn(systemClock, 50)
    await expect(silent.load('m', '1.0.0', brief())).rejects.toThrow('did not answer in time')
    await expect(silent.write('m', '1.0.0', filesOf('m', '1.0.0'), brief())).rejects.toMatchObject({
      code: 'registry_unavailable',
    })
  })

  it('are never served when their bytes are not those of the manifest, or the manifest not theirs', async () => {
    const name = newName()
    await publisher.publish(name, filesOf(name, '1.0.0'), 'ada')
    const key = versionFileKey(name, '1.0.0', 'model')
    await env.MODELS.put(key, new Uint8Array([1, 2, 3]))
    const files = await stored.load(name, '1.0.0', soon())
    await expect(openModel(files as NonNullable<typeof files>, onnxRuntime)).rejects.toThrow('sha256')
    await env.MODELS.delete(key)
    await expect(stored.load(name, '1.0.0', soon())).rejects.toThrow('its graph is missing')
    await env.MODELS.put(key, new Uint8Array([1]))
    const manifestKey = versionFileKey(name, '1.0.0', 'manifest')
    await env.MODELS.put(manifestKey, filesOf('another', '1.0.0').manifest)
    await expect(stored.load(name, '1.0.0', soon())).rejects.toThrow('its manifest is of another@1.0.0')
    await env.MODELS.put(manifestKey, '{}')
    await expect(stored.load(name, '1.0.0', soon())).rejects.toMatchObject({ code: 'model_unavailable' })
  })
})

describe('publishing the same bytes again', () => {
  it('brings back files that were lost', async () => {
    const name = newName()
    const files = filesOf(name, '1.0.0')
    await publisher.publish(name, files, 'ada')
    await env.MODELS.delete([versionFileKey(name, '1.0.0', 'model'), versionFileKey(name, '1.0.0', 'manifest')])
    expect(await stored.load(name, '1.0.0', soon())).toBeNull()
    expect(await publisher.publish(name, files, 'bob')).toMatchObject({
      created: false,
      version: { published_by: 'ada' },
    })
    expect((await stored.load(name, '1.0.0', soon()))?.model).toEqual(files.model)
  })
})

describe('a controller', () => {
  const client = (object: object) => releaseControllerClient({ getByName: () => object as never }, systemTimers)

  it.each([
    ['is down', { versions: () => Promise.reject(new Error('down')) }, 'cannot be reached'],
    ['is silent', { versions: () => new Promise(() => undefined) }, 'did not answer in time'],
    ['answers in a later format', { versions: async () => ({ format: 2 }) }, 'format 2'],
  ])('that %s is a registry that cannot be reached', async (_, object, says) => {
    const call = client(object).versions('m', deadlineIn(systemClock, 50))
    await expect(call).rejects.toThrow(says)
    await expect(call).rejects.toMatchObject({ code: 'registry_unavailable' })
  })
})

describe('bringing a release on', () => {
  const release = bundledRelease('brought', '1.0.0')
  const copied = () => env.RELEASES.get('release/brought', 'json')
  const targets = (setRelease: () => Promise<unknown>, put: KVNamespace['put']) =>
    releaseTargets(receivers(setRelease), 1, receivers(setRelease), { put }, systemClock, systemTimers)
  const receivers = (setRelease: () => Promise<unknown>) => ({ getByName: () => ({ setRelease }) })
  const put = (env.RELEASES.put as KVNamespace['put']).bind(env.RELEASES)

  it('writes the copy where isolates look for it', async () => {
    await targets(async () => undefined, put).copy.deliver(release)
    expect(await copied()).toEqual(release)
    await env.RELEASES.delete('release/brought')
  })

  it('rejects where a place is silent or down, so that the controller tries again', async () => {
    const silent = targets(never, never)
    const down = targets(() => Promise.reject(new Error('down')), put)
    const outcomes = await Promise.allSettled(
      [...silent.shards, silent.copy, ...down.shards].map((target) => target.deliver(release)),
    )
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.message : 'taken'))).toEqual([
      'shard-0 did not take the release of "brought" in time',
      'copy did not take the release of "brought" in time',
      'down',
    ])
  })
})
