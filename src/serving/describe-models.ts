/** The models as `GET /v1/models` answers them. */
import type { ModelAnswer } from '../protocol/answers.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { KnownRelease, KnownReleases } from './known-releases.ts'
import type { ModelRepository } from './ports.ts'

export interface DescribedRepository extends ModelRepository {
  /** `null`: no such version. */
  manifest(model: string, version: string): Manifest | null
}

const describeRelease = ({ release, source }: KnownRelease): ModelAnswer['release'] => {
  const { revision, stable, canary, shadow, fallback } = release
  return {
    revision,
    stable,
    ...(canary === null ? {} : { canary: { version: canary.version, share: canary.share } }),
    ...(shadow === null ? {} : { shadow: shadow.version }),
    ...(fallback === null ? {} : { fallback }),
    source,
  }
}

/** The versions known here: those of the bundle, and those the release names. */
const versionsOf = (bundled: readonly string[], { release }: KnownRelease): string[] => {
  const { stable, canary, shadow, fallback, rolledBack } = release
  const named = [fallback, stable, canary?.version, shadow?.version, ...rolledBack]
  return [...new Set([...bundled, ...named.filter((version) => typeof version === 'string')])]
}

/** Every model whose stable version's manifest is known here, as `manifestOf` tells. */
export const describeModels = (
  repository: ModelRepository,
  releases: KnownReleases,
  manifestOf: (model: string, version: string) => Manifest | null,
): readonly ModelAnswer[] =>
  releases.models().flatMap((name) => {
    const known = releases.known(name)
    const manifest = known === null ? null : manifestOf(name, known.release.stable)
    if (known === null || manifest === null) return []
    const versions = versionsOf(repository.versions(name), known)
    return [{ name, versions, release: describeRelease(known), manifest }]
  })
