/** Where versions and what is known of them come from: the bundle, and the bucket behind its circuit. */
import { bundledModels } from './adapters/bundled-models.ts'
import { combinedModels, combinedProfiles } from './adapters/combined-models.ts'
import type { MemoryModels } from './adapters/memory-models.ts'
import { r2ModelRepository } from './adapters/r2-model-repository.ts'
import { r2ReferenceProfiles } from './adapters/r2-reference-profiles.ts'
import { versionReferences } from './adapters/version-references.ts'
import type { CircuitSettings } from './core/circuit.ts'
import type { Clock } from './core/clock.ts'
import { lineOf } from './protocol/log-line.ts'
import { guardedProfiles, guardedVersions, retriedVersions, StoreCircuit } from './serving/circuit.ts'
import type { VersionReferences } from './serving/ports/drift-parts.ts'
import type { VersionObjects } from './serving/ports/version-objects.ts'
import type { ReferenceProfiles, Timers } from './serving/ports.ts'

export interface ModelSources {
  readonly repository: MemoryModels
  readonly profiles: ReferenceProfiles
  readonly references: VersionReferences
}

export interface ModelSourcesOptions {
  /** Asked for when the bucket is first read: the environment is checked by then. */
  readonly circuit: () => CircuitSettings
  readonly clock: Clock
  readonly timers: Timers
  /** Wraps what is read of the bucket, inside its circuit. */
  readonly decorate?: (objects: VersionObjects) => VersionObjects
}

export const modelSources = (bucket: R2Bucket, options: ModelSourcesOptions): ModelSources => {
  const { circuit: settings, clock, timers, decorate = (objects) => objects } = options
  const log = (line: string): void => console.error(lineOf(line))
  const circuit = new StoreCircuit({ store: 'R2 (models)', settings, clock, timers, log })
  const published = guardedVersions(decorate(r2ModelRepository(bucket, timers)), circuit)
  return {
    repository: combinedModels(bundledModels, retriedVersions(published, { clock, timers, random: Math.random })),
    references: versionReferences(bundledModels, bucket, timers),
    profiles: combinedProfiles(bundledModels, guardedProfiles(r2ReferenceProfiles(bucket, timers), circuit)),
  }
}
