/** The models as `GET /v1/models` answers them. */
import type { ModelAnswer } from '../protocol/answers.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { ModelRepository, Releases } from './ports.ts'

export interface DescribedRepository extends ModelRepository {
  /** `null`: no such version. */
  manifest(model: string, version: string): Manifest | null
}

export const describeModels = (repository: DescribedRepository, releases: Releases): readonly ModelAnswer[] =>
  repository.models().flatMap((name) => {
    const release = releases.current(name)
    const manifest = release === null ? null : repository.manifest(name, release.stable)
    if (release === null || manifest === null) return []
    return [{ name, versions: [...repository.versions(name)], release, manifest }]
  })
