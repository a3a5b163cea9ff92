/** Brings a new version of the code to all traffic step by step, and back at the first breach. */
import type { Wrangler } from '../../src/cli/deploy/wrangler.ts'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { type JudgeSettings, judge, type Outcome } from './judge.ts'
import { type CodeState, readState, stateMessage, whyNotGradual } from './state.ts'
import { deployedShares, deployShares, messageOf, rollBack, rollbackArguments, uploadVersion } from './versions.ts'
import type { WorkerView } from './worker.ts'

export interface RolloutPorts {
  readonly wrangler: Wrangler
  readonly worker: WorkerView
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  readonly say: (text: string) => void
  /** Called before anything is deployed, so that an interrupted rollout can be undone. */
  readonly remember: (rollout: { readonly before: string; readonly version: string; readonly isOver: boolean }) => void
}

export interface RolloutPlan {
  readonly environment: string
  readonly tag: string
  readonly state: CodeState
  /** Percent of the traffic, rising; the last is 100. */
  readonly steps: readonly number[]
  readonly pollMilliseconds: number
  /** Until a deployment is known everywhere. */
  readonly spreadMilliseconds: number
  readonly settings: JudgeSettings
}

export type RolloutEnd =
  | { readonly kind: 'done'; readonly version: string }
  | { readonly kind: 'rolled back'; readonly version: string; readonly at: number; readonly reason: string }
  /** The rollback did not succeed: somebody must look at once. */
  | { readonly kind: 'stuck'; readonly version: string; readonly reason: string; readonly mend: string }

/** A reason to go back, which ends the steps. */
class Breach extends Error {
  override readonly name = 'Breach'
  /** The share of the traffic, percent. */
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

const add = (a: Outcome, b: Outcome): Outcome => ({ events: a.events + b.events, failed: a.failed + b.failed })

/** The version that has all traffic. Throws a RefusedError where there is none, or where a rollout is under way. */
const versionBefore = async (wrangler: Wrangler, environment: string): Promise<string> => {
  const shares = await deployedShares(wrangler, environment)
  const [only] = shares ?? []
  if (only === undefined) {
    throw new RefusedError('nothing is deployed yet; the first deployment is made at once: docs/deploying.md')
  }
  if (shares?.length !== 1) {
    const said = shares?.map(({ version, percent }) => `${version} at ${percent} %`).join(', ')
    throw new RefusedError(`a rollout is under way or was left (${said}); finish or roll it back first`)
  }
  return only.version
}

/** Waits until smoke finds nothing wrong. Throws a Breach. */
const smokeUntilRight = async (
  { worker, now, pause }: RolloutPorts,
  { pollMilliseconds, spreadMilliseconds }: RolloutPlan,
  { version, at, isAlone }: { readonly version: string; readonly at: number; readonly isAlone: boolean },
): Promise<void> => {
  const until = now() + spreadMilliseconds
  for (;;) {
    const complaints = await worker.smoke(version, isAlone)
    if (complaints.length === 0) return
    if (now() >= until) throw new Breach(at, `smoke: ${complaints.join('; ')}`)
    await pause(pollMilliseconds)
  }
}

/** Waits until the version may go on. Throws a Breach. */
const bake = async (
  { worker, now, pause, say }: RolloutPorts,
  { pollMilliseconds, settings }: RolloutPlan,
  { version, before, at }: { readonly version: string; readonly before: string; readonly at: number },
): Promise<void> => {
  const start = now()
  let probes: Outcome = { events: 0, failed: 0 }
  for (;;) {
    probes = add(probes, await worker.probe(version))
    const outcomes = await worker.outcomes()
    const fresh = outcomes?.[version] ?? null
    const elapsedMilliseconds = now() - start
    const { move, reason } = judge({ fresh, before: outcomes?.[before] ?? null, probes, elapsedMilliseconds }, settings)
    say(
      `${at} %, ${Math.round(elapsedMilliseconds / 1_000)} s: ${move}, ${reason} (${probes.events} probes of our own)`,
    )
    if (move === 'go on') return
    if (move === 'roll back') throw new Breach(at, reason)
    await pause(pollMilliseconds)
  }
}

const climb = async (ports: RolloutPorts, plan: RolloutPlan, version: string, before: string): Promise<void> => {
  const { wrangler, say } = ports
  const { environment, steps, tag } = plan
  const deploy = async (at: number): Promise<void> => {
    const old = at === 100 ? [] : [{ version: before, percent: 100 - at }]
    await deployShares(wrangler, environment, [{ version, percent: at }, ...old], `${tag} at ${at} %`).catch(
      (error: unknown) => {
        throw new Breach(at, error instanceof Error ? error.message : String(error))
      },
    )
    say(`${at} % of the traffic go to ${version}`)
  }
  await deploy(0)
  await smokeUntilRight(ports, plan, { version, at: 0, isAlone: false })
  say('0 %: smoke is clean')
  for (const at of steps) {
    await deploy(at)
    await bake(ports, plan, { version, before, at })
  }
  const triggers = await wrangler(['triggers', 'deploy', '--env', environment])
  if (triggers.code !== 0) throw new Breach(100, 'wrangler triggers deploy failed')
  await smokeUntilRight(ports, plan, { version, at: 100, isAlone: true })
}

/** Throws a RefusedError before anything is deployed; once something is, it ends with all traffic on one version, or says that it does not. */
export const rollOut = async (ports: RolloutPorts, plan: RolloutPlan): Promise<RolloutEnd> => {
  const { wrangler, worker, say, remember } = ports
  const { environment, tag, state } = plan
  const before = await versionBefore(wrangler, environment)
  const refusal = whyNotGradual(readState(await messageOf(wrangler, environment, before)), state)
  if (refusal !== null) throw new RefusedError(refusal)
  if ((await worker.outcomes()) === null) {
    throw new RefusedError(
      'GET /v1/stats does not tell how events end by version of the code: look at the address, READ_TOKEN, and whether all shards answer',
    )
  }
  const version = await uploadVersion(wrangler, environment, { tag, message: stateMessage(state) })
  say(`uploaded ${version}; ${before} has all traffic`)
  remember({ before, version, isOver: false })
  try {
    await climb(ports, plan, version, before)
    remember({ before, version, isOver: true })
    return { kind: 'done', version }
  } catch (error) {
    // Whatever it was, the traffic goes back.
    const { at, message } = error instanceof Breach ? error : { at: -1, message: String(error) }
    say(`rolling back to ${before}: ${message}`)
    if (await rollBack(wrangler, environment, before, `${tag}: ${message}`, say)) {
      remember({ before, version, isOver: true })
      return { kind: 'rolled back', version, at, reason: message }
    }
    const mend = `npx wrangler ${rollbackArguments(environment, before, 'by hand').join(' ')}`
    return { kind: 'stuck', version, reason: message, mend }
  }
}
