/** The reference profiles of published versions in R2. */
import { type VersionFile, versionFileKey } from '../protocol/store-keys.ts'
import { type ReferenceProfiles, StoreGarbage, type Timers } from '../serving/ports.ts'
import { referenceMeans } from '../serving/reference-means.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { type ModelBucket, readStoredManifest } from './r2-model-repository.ts'

/** A larger one is not read: parsing it would take longer than it is worth. The bundled model's has 77 KB. */
const MAX_PROFILE_BYTES = 4 * 1024 * 1024

const parse = (bytes: ArrayBuffer): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new StoreGarbage('the reference profile is no JSON', { cause })
  }
}

export const r2ReferenceProfiles = (bucket: Pick<ModelBucket, 'get'>, timers: Timers): ReferenceProfiles => ({
  async read(model, version, deadline) {
    const read = async (file: VersionFile): Promise<ArrayBuffer | null> => {
      const object = await bucket.get(versionFileKey(model, version, file))
      return object === null || object.size > MAX_PROFILE_BYTES ? null : object.arrayBuffer()
    }
    const files = await within(Promise.all([read('manifest'), read('reference')]), deadline, timers)
    if (files === TIMED_OUT) throw new Error(`R2 did not answer for the profile of ${model}@${version} in time`)
    const [stored, reference] = files
    if (stored === null || reference === null) return null
    const manifest = readStoredManifest(model, version, stored)
    const means = referenceMeans(manifest, parse(reference))
    return means === null ? null : { manifest, means }
  },
})
