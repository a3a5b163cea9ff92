/** Brings what is said of the models up to date: each release asked for where it is old, the manifest of its stable version at hand. */
import type { Deadline } from '../core/clock.ts'
import type { KnownManifests } from './known-manifests.ts'
import type { KnownReleases } from './known-releases.ts'
import type { Background } from './ports.ts'

/** Never rejects: what cannot be had stays as it is known. */
export const refreshReleases = async (
  releases: KnownReleases,
  manifests: KnownManifests,
  models: readonly string[],
  deadline: Deadline,
  background: Background,
): Promise<void> => {
  const refresh = async (model: string): Promise<void> => {
    const known = await releases.consult(model, deadline, background)
    if (known !== null) await manifests.read(model, known.release.stable, deadline)
  }
  await Promise.allSettled(models.map(refresh))
}
