/** What a cold isolate should have in memory: the stable version of every model. */
import type { ModelRepository, Releases } from './ports.ts'
import type { ModelVersion } from './readiness.ts'

export const stableVersions = (repository: ModelRepository, releases: Releases): readonly ModelVersion[] =>
  repository.models().flatMap((name) => {
    const release = releases.current(name)
    return release === null ? [] : [{ name, version: release.stable }]
  })
