/** Puts together who answers for a version, by MODE and MODEL_FALLBACK. */
import type { Clock } from '../core/clock.ts'
import { AnsweringVersions, type FallbackPolicy, type Mode } from '../serving/answering.ts'
import type { VersionLeaser } from '../serving/lease-version.ts'
import { MeanModels } from '../serving/mean-models.ts'
import type { ReferenceProfiles, Timers } from '../serving/ports.ts'
import type { SessionRegistry } from '../serving/session-registry.ts'

export interface AnsweringSettings {
  readonly MODE: Mode | undefined
  readonly MODEL_FALLBACK: FallbackPolicy | undefined
}

export interface AnsweringPorts {
  readonly config: AnsweringSettings
  readonly sessions: SessionRegistry
  /** Without them no mean is known. */
  readonly profiles?: ReferenceProfiles
  readonly clock: Clock
  readonly timers: Timers
}

const NO_PROFILES: ReferenceProfiles = { read: () => Promise.resolve(null) }

export const assembleAnswering = (ports: AnsweringPorts, leaser: VersionLeaser): AnsweringVersions => {
  const { config, sessions, profiles = NO_PROFILES, clock, timers } = ports
  const means = new MeanModels(profiles, clock, timers)
  const { MODE: mode = 'normal', MODEL_FALLBACK: policy = 'mean' } = config
  return new AnsweringVersions({ sessions, leaser, means, clock, mode, policy })
}
