/** A model repository that is in memory as a whole. */
import { type Manifest, manifestSchema } from '../protocol/manifest.ts'
import type { ModelFiles, ModelRepository, VersionProfile } from '../serving/ports.ts'

/** A version as the bundler hands it over: parsed JSON, and the bytes of the graph. */
export interface BundledVersion {
  readonly manifest: unknown
  readonly model: ArrayBuffer
  /** Of its outputs, by its reference profile; absent where that does not tell. */
  readonly means?: VersionProfile['means']
}

export interface MemoryModels extends ModelRepository {
  /** `null`: no such version. */
  manifest(model: string, version: string): Manifest | null
  /** `null`: no such version, or its means are not known. */
  profile(model: string, version: string): VersionProfile | null
}

/** `bundled`: any models, each model's versions from old to new. Throws a ZodError for what is no manifest, an Error for a version given twice. */
export const memoryModels = (bundled: readonly BundledVersion[]): MemoryModels => {
  const models = new Map<string, Map<string, ModelFiles & Pick<BundledVersion, 'means'>>>()
  for (const { manifest: json, model, means } of bundled) {
    const manifest = manifestSchema.parse(json)
    const versions = models.get(manifest.name) ?? new Map()
    if (versions.has(manifest.version)) throw new Error(`${manifest.name}@${manifest.version} is bundled twice`)
    models.set(
      manifest.name,
      versions.set(manifest.version, { manifest, model: new Uint8Array(model), ...(means && { means }) }),
    )
  }
  const files = (model: string, version: string) => models.get(model)?.get(version) ?? null
  return {
    models: () => [...models.keys()],
    versions: (model) => [...(models.get(model)?.keys() ?? [])],
    load: (model, version) => Promise.resolve(files(model, version)),
    manifest: (model, version) => files(model, version)?.manifest ?? null,
    profile: (model, version) => {
      const { manifest, means } = files(model, version) ?? {}
      return manifest === undefined || means === undefined ? null : { manifest, means }
    },
  }
}
