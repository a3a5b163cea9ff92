/** A model repository that is in memory as a whole. */
import { type Manifest, manifestSchema } from '../protocol/manifest.ts'
import type { ModelFiles, ModelRepository, VersionProfile } from '../serving/ports.ts'

/** A version as the bundler hands it over: parsed JSON, and the bytes of the graph. */
export interface BundledVersion {
  readonly manifest: unknown
  readonly model: ArrayBuffer
  /** Of its outputs, by its reference profile; absent where that does not tell. */
  readonly means?: VersionProfile['means']
  /** Its reference profile, parsed when it is asked for; absent where it has none. */
  readonly reference?: () => Promise<{ readonly default: unknown }>
}

export interface MemoryModels extends ModelRepository {
  /** `null`: no such version. */
  manifest(model: string, version: string): Manifest | null
  /** `null`: no such version, or its means are not known. */
  profile(model: string, version: string): VersionProfile | null
  /** The parsed `reference.json`; `null`: no such version, or it has none. */
  reference(model: string, version: string): Promise<unknown>
}

/** `bundled`: any models, each model's versions from old to new. Throws a ZodError for what is no manifest, an Error for a version given twice. */
export const memoryModels = (bundled: readonly BundledVersion[]): MemoryModels => {
  const models = new Map<string, Map<string, ModelFiles & Pick<BundledVersion, 'means' | 'reference'>>>()
  for (const { manifest: json, model, means, reference } of bundled) {
    const manifest = manifestSchema.parse(json)
    const versions = models.get(manifest.name) ?? new Map()
    if (versions.has(manifest.version)) throw new Error(`${manifest.name}@${manifest.version} is bundled twice`)
    models.set(
      manifest.name,
      versions.set(manifest.version, {
        ...{ manifest, model: new Uint8Array(model) },
        ...(means && { means }),
        ...(reference && { reference }),
      }),
    )
  }
  const files = (model: string, version: string) => models.get(model)?.get(version) ?? null
  return {
    models: () => [...models.keys()],
    versions: (model) => [...(models.get(model)?.keys() ?? [])],
    load: (model, version) => Promise.resolve(files(model, version)),
    manifest: (model, version) => files(model, version)?.manifest ?? null,
    reference: async (model, version) => (await files(model, version)?.reference?.())?.default ?? null,
    profile: (model, version) => {
      const { manifest, means } = files(model, version) ?? {}
      return manifest === undefined || means === undefined ? null : { manifest, means }
    },
  }
}
