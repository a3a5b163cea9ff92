/** The release that ships in the bundle: the newest bundled version of each model is stable, and nothing else is released. */
import { bundledRelease, type Release } from '../core/release/release.ts'
import type { ModelRepository, Releases } from '../serving/ports.ts'

export const bundledReleases = (repository: ModelRepository): Releases => {
  const releases = new Map<string, Release>(
    repository.models().map((model) => {
      const stable = repository.versions(model).at(-1)
      if (stable === undefined) throw new Error(`model "${model}" is bundled without a version`)
      return [model, bundledRelease(model, stable)]
    }),
  )
  return { current: (model) => releases.get(model) ?? null }
}
