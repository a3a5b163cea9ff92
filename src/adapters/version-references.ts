/** The whole reference profiles: those of the bundle, which are parsed when first asked for, and those of published versions in R2. */
import { readReferenceProfile } from '../core/profile/read-reference-profile.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { VersionReference, VersionReferences } from '../serving/ports/drift-parts.ts'
import { StoreGarbage, type Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import type { MemoryModels } from './memory-models.ts'
import type { ModelBucket } from './r2-model-repository.ts'
import { readStoredReference } from './r2-reference-profiles.ts'

/** Throws StoreGarbage for what is no profile; `null` for one of another version. */
const referenceOf = (manifest: Manifest, json: unknown): VersionReference | null => {
  try {
    const profile = readReferenceProfile(json)
    return profile.model === manifest.name && profile.version === manifest.version ? { manifest, profile } : null
  } catch (cause) {
    throw new StoreGarbage(`the reference profile of ${manifest.name}@${manifest.version} is none`, { cause })
  }
}

export const versionReferences = (
  bundled: Pick<MemoryModels, 'versions' | 'manifest' | 'reference'>,
  bucket: Pick<ModelBucket, 'get'>,
  timers: Timers,
): VersionReferences => ({
  async read(model, version, deadline) {
    if (bundled.versions(model).includes(version)) {
      const manifest = bundled.manifest(model, version)
      const json = await bundled.reference(model, version)
      return manifest === null || json === null ? null : referenceOf(manifest, json)
    }
    const stored = await within(readStoredReference(bucket, model, version), deadline, timers)
    if (stored === TIMED_OUT) throw new Error(`R2 did not answer for the profile of ${model}@${version} in time`)
    return stored === null ? null : referenceOf(stored.manifest, stored.json)
  },
})
