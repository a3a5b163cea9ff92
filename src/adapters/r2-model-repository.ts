/** The files of published versions in R2. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { type Manifest, manifestSchema } from '../protocol/manifest.ts'
import { type VersionFile, versionFileKey } from '../protocol/store-keys.ts'
import type { VersionObjects } from '../serving/ports/version-objects.ts'
import { StoreGarbage, type Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the bucket binding. */
export type ModelBucket = Pick<R2Bucket, 'get' | 'put'>

/** The manifest in `bytes`. Throws StoreGarbage for what is not that version's. */
export const readStoredManifest = (model: string, version: string, bytes: ArrayBuffer): Manifest => {
  let manifest: Manifest
  try {
    manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new StoreGarbage('its manifest is not one', { cause })
  }
  const { name, version: stated } = manifest
  if (name !== model || stated !== version) throw new StoreGarbage(`its manifest is of ${name}@${stated}`)
  return manifest
}

export const r2ModelRepository = (bucket: ModelBucket, timers: Timers): VersionObjects => {
  const inTime = async <T>(work: Promise<T>, deadline: Deadline, refuse: (why: string, cause?: unknown) => Failure) => {
    const done = await within(work, deadline, timers).catch((cause: unknown) => {
      throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
    })
    if (done === TIMED_OUT) throw refuse('R2 did not answer in time')
    return done
  }

  return {
    async write(model, version, files, deadline) {
      const refuse = (why: string, cause?: unknown) =>
        new Failure('registry_unavailable', `${model}@${version} could not be stored: ${why}`, undefined, { cause })
      const put = async (file: VersionFile): Promise<void> => {
        const bytes = files[file]
        if (bytes === null) return
        await inTime(bucket.put(versionFileKey(model, version, file), bytes), deadline, refuse)
      }
      await Promise.all([put('model'), put('reference'), put('card')])
      await put('manifest')
    },

    async load(model, version, deadline) {
      const refuse = (why: string, cause?: unknown) =>
        new Failure('model_unavailable', `${model}@${version} could not be loaded: ${why}`, undefined, { cause })
      const read = async (file: VersionFile): Promise<ArrayBuffer | null> => {
        const object = await bucket.get(versionFileKey(model, version, file))
        return object === null ? null : object.arrayBuffer()
      }
      const [manifest, graph] = await inTime(Promise.all([read('manifest'), read('model')]), deadline, refuse)
      if (manifest === null) return null
      try {
        if (graph === null) throw new StoreGarbage('its graph is missing')
        return { manifest: readStoredManifest(model, version, manifest), model: new Uint8Array(graph) }
      } catch (cause) {
        throw cause instanceof StoreGarbage ? refuse(cause.message, cause) : cause
      }
    },
  }
}
