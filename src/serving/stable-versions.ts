/** What an isolate should have in memory to be ready: the stable version of each model. */
import type { Releases } from './ports.ts'
import type { ModelVersion } from './readiness.ts'

export const stableVersions = (models: readonly string[], releases: Releases): readonly ModelVersion[] =>
  models.flatMap((name) => {
    const release = releases.current(name)
    return release === null ? [] : [{ name, version: release.stable }]
  })
