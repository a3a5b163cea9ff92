/** The release that ships in the bundle: the newest bundled version of each model is stable, and nothing else is released. */
import type { ModelRepository, Release, Releases } from '../serving/ports.ts'

export const bundledReleases = (repository: ModelRepository): Releases => {
  const releases = new Map<string, Release>(
    repository.models().map((model) => {
      const stable = repository.versions(model).at(-1)
      if (stable === undefined) throw new Error(`model "${model}" is bundled without a version`)
      return [model, { revision: 0, stable, source: 'bundled' }]
    }),
  )
  return { current: (model) => releases.get(model) ?? null }
}
