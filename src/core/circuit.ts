/** A circuit breaker as plain data: when a store that has just failed several times is asked again. */
import type { Instant } from './clock.ts'

export interface CircuitSettings {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before one call may try the store; as long again after each try that failed or never ended. */
  readonly restMilliseconds: number
}

export interface Circuit {
  /** In a row, since it was closed. */
  readonly failures: number
  /** `null`: closed. Else the next call from then on is the probe. */
  readonly restsUntil: Instant | null
  /** Grows whenever it opens or closes: how a call that began before says nothing of what came after. */
  readonly generation: number
}

export const CLOSED: Circuit = { failures: 0, restsUntil: null, generation: 0 }

const after = (now: Instant, milliseconds: number): Instant => (now + milliseconds) as Instant

/**
 * Whether a call may be made at `now`. An open circuit lets one through once its rest is over and rests again meanwhile, so a probe that
 * hangs keeps nobody from being the next.
 */
export const admit = (
  circuit: Circuit,
  now: Instant,
  { restMilliseconds }: CircuitSettings,
): { readonly circuit: Circuit; readonly mayCall: boolean } => {
  if (circuit.restsUntil === null) return { circuit, mayCall: true }
  if (now < circuit.restsUntil) return { circuit, mayCall: false }
  return { circuit: { ...circuit, restsUntil: after(now, restMilliseconds) }, mayCall: true }
}

/** After a call that was admitted in `generation` and succeeded. */
export const succeeded = (circuit: Circuit, generation: number): Circuit => {
  if (generation !== circuit.generation) return circuit
  if (circuit.restsUntil === null) return circuit.failures === 0 ? circuit : { ...circuit, failures: 0 }
  return { failures: 0, restsUntil: null, generation: generation + 1 }
}

/** After a call that was admitted in `generation` and failed, or did not end in time. */
export const failed = (circuit: Circuit, generation: number, now: Instant, settings: CircuitSettings): Circuit => {
  if (generation !== circuit.generation) return circuit
  const restsUntil = after(now, settings.restMilliseconds)
  if (circuit.restsUntil !== null) return { ...circuit, restsUntil }
  const failures = circuit.failures + 1
  return failures < settings.failures ? { ...circuit, failures } : { failures, restsUntil, generation: generation + 1 }
}
