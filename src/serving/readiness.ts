/** Whether this isolate can serve: every version it needs is in memory and has passed its golden rows. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Release } from '../core/release/release.ts'
import type { AnsweringVersions } from './answering.ts'
import type { Background } from './ports.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'

export interface ModelVersion {
  readonly name: string
  readonly version: string
}

export interface Readiness {
  readonly ready: boolean
  /** Why not; empty when ready. */
  readonly reasons: readonly string[]
  /** Inference is switched off: predictions are answered by means, tensors are not. */
  readonly mode?: 'fallback'
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const readinessAfter = async (attempts: readonly Promise<void>[]): Promise<Readiness> => {
  const outcomes = await Promise.allSettled(attempts)
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [reasonOf(outcome.reason)] : []))
  return { ready: reasons.length === 0, reasons }
}

/** Gets a version, or one that may answer in its stead. */
export interface Leaser {
  acquire(name: string, version: string, deadline: Deadline, background: Background): Promise<Lease>
}

/** Gets what is `required`, loading what is not yet in memory, and tells whether all of it is there. Never rejects. */
export const checkReadiness = (
  leaser: Leaser,
  required: readonly ModelVersion[],
  deadline: Deadline,
  background: Background,
): Promise<Readiness> =>
  readinessAfter(
    required.map(async ({ name, version }) => (await leaser.acquire(name, version, deadline, background)).release()),
  )

/** The same where inference is switched off: whether the means of each release's stable version answer. Never rejects. */
export const checkMeans = async (
  answering: AnsweringVersions,
  required: readonly Release[],
  deadline: Deadline,
  background: Background,
): Promise<Readiness> => {
  const readiness = await readinessAfter(
    required.map(async (release) => {
      const wanted = { release, version: release.stable, isNamed: false }
      const { answerer } = await answering.of(wanted, deadline, background)
      if (answerer instanceof Failure) throw new Error(`${release.model}: ${answerer.message}`)
      answerer.lease.release()
    }),
  )
  return { ...readiness, mode: 'fallback' }
}

/** Loads what is `required` at module scope, where there is no request. Never rejects: a later request tries again. */
export const startSessions = (registry: SessionRegistry, required: readonly ModelVersion[]): Promise<Readiness> =>
  readinessAfter(required.map(({ name, version }) => registry.preload(name, version)))
