/** The reference profiles of published versions in R2. */
import type { Manifest } from '../protocol/manifest.ts'
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

/** The manifest and the parsed profile of a published version; `null` where one of them is not there. */
export const readStoredReference = async (
  bucket: Pick<ModelBucket, 'get'>,
  model: string,
  version: string,
): Promise<{ readonly manifest: Manifest; readonly json: unknown } | null> => {
  const read = async (file: VersionFile): Promise<ArrayBuffer | null> => {
    const object = await bucket.get(versionFileKey(model, version, file))
    return object === null || object.size > MAX_PROFILE_BYTES ? null : object.arrayBuffer()
  }
  const [stored, reference] = await Promise.all([read('manifest'), read('reference')])
  if (stored === null || reference === null) return null
  return { manifest: readStoredManifest(model, version, stored), json: parse(reference) }
}

export const r2ReferenceProfiles = (bucket: Pick<ModelBucket, 'get'>, timers: Timers): ReferenceProfiles => ({
  async read(model, version, deadline) {
    const stored = await within(readStoredReference(bucket, model, version), deadline, timers)
    if (stored === TIMED_OUT) throw new Error(`R2 did not answer for the profile of ${model}@${version} in time`)
    if (stored === null) return null
    const { manifest, json } = stored
    const means = referenceMeans(manifest, json)
    return means === null ? null : { manifest, means }
  },
})
