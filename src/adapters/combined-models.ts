/** The bundled versions, which are always there, and the published ones behind them. */
import { isModelName, isVersionName } from '../protocol/manifest.ts'
import type { VersionObjects } from '../serving/ports/version-objects.ts'
import type { ModelRepository, ReferenceProfiles, VersionProfile } from '../serving/ports.ts'

/**
 * Lists what is bundled; `load` also finds what was published, which only asking can tell. A version that is bundled is never looked for
 * elsewhere.
 */
export const combinedModels = <Bundled extends ModelRepository>(
  bundled: Bundled,
  published: VersionObjects,
): Bundled => ({
  ...bundled,
  load: async (model, version, deadline) => {
    const found = await bundled.load(model, version, deadline)
    if (found !== null || !isModelName(model) || !isVersionName(version)) return found
    return published.load(model, version, deadline)
  },
})

/** The same for their profiles. */
export const combinedProfiles = (
  bundled: Pick<ModelRepository, 'versions'> & { profile(model: string, version: string): VersionProfile | null },
  published: ReferenceProfiles,
): ReferenceProfiles => ({
  read: (model, version, deadline) =>
    bundled.versions(model).includes(version)
      ? Promise.resolve(bundled.profile(model, version))
      : published.read(model, version, deadline),
})
