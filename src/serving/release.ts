/** Reads a model's release, and commands it. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Refusal } from '../core/release/decide.ts'
import { bundledRelease, type Release } from '../core/release/release.ts'
import {
  alarmOf,
  changeOf,
  commandOf,
  judgementOf,
  type ReleaseChanged,
  type ReleaseCommandBody,
  type ReleaseHistory,
  releaseOf,
} from '../protocol/admin.ts'
import { traceIds } from '../protocol/trace.ts'
import type { CanaryWatch } from './ports/canary-watch.ts'
import type { BundledVersions, HistoryPage, Propagation, ReleaseControl } from './ports/release-control.ts'

const READ_MILLISECONDS = 5_000
/** Deciding, and a push to every shard, which the controller gives a second. */
const COMMAND_MILLISECONDS = 10_000
/** A flush a second, and a shard whose copy is older than a second asks. */
const BUSY_SECONDS = 2
/** How long KV may go on answering with what it had, anywhere (Cloudflare, "How KV works", read 2026-11). */
const COPY_STALE_MILLISECONDS = 60_000

const noModel = (model: string): Failure => new Failure('unknown_model', `there is no model "${model}"`, 'model')

const failureOf = ({ code, reason: said }: Refusal): Failure => {
  // The wire has its own spelling of the one word that differs.
  const reason = said.replaceAll('expectedRevision', 'expected_revision')
  switch (code) {
    case 'conflict':
      return new Failure('release_conflict', `${reason}; read it again`, 'expected_revision')
    case 'unknown_version':
      return new Failure('unknown_version', reason, 'version')
    case 'invalid_command':
      return new Failure('invalid_parameter', reason)
    default:
      return new Failure('release_refused', reason)
  }
}

const propagationOf = ({ pushed, shards, copyDueAt }: Propagation): ReleaseChanged['propagation'] => ({
  busy_isolates_within_seconds: BUSY_SECONDS,
  cold_isolates_by: new Date(copyDueAt + COPY_STALE_MILLISECONDS).toISOString(),
  pushed_to: { answered: pushed, of: shards },
})

export class ReleaseDesk {
  constructor(
    private readonly control: ReleaseControl,
    /** `null`: the bundle has no such model. */
    private readonly bundled: (model: string) => BundledVersions | null,
    private readonly watch: CanaryWatch,
    private readonly clock: Clock,
  ) {}

  /** Throws Failure `unknown_model` or `registry_unavailable`. Without the watch there is no judgement. */
  async read(model: string, page: HistoryPage): Promise<ReleaseHistory> {
    const deadline = deadlineIn(this.clock, READ_MILLISECONDS)
    const [{ release, history, alarms = [] }, judgement] = await Promise.all([
      this.control.read(model, page, deadline),
      this.watch.judgement(model, deadline).catch(() => null),
    ])
    return {
      release: releaseOf(release ?? this.#bundledRelease(model)),
      judgement: judgement && judgementOf(judgement),
      alarms: alarms.map(alarmOf),
      history: history.map(changeOf),
    }
  }

  /**
   * Throws Failure `release_conflict`, `release_refused`, `unknown_model`, `unknown_version`, `invalid_parameter` or `registry_unavailable`; after the
   * last the command may have been accepted all the same. What is so already is no failure.
   */
  async command(model: string, body: ReleaseCommandBody, traceparent: string | null): Promise<ReleaseChanged> {
    const actor = { kind: 'operator', name: body.by ?? 'admin' } as const
    const reason = body.reason === undefined ? {} : { reason: body.reason }
    const trace = traceIds(traceparent)
    const traced = trace === null ? {} : { traceId: trace.traceId }
    const request = { model, command: commandOf(body), actor, ...reason, ...traced }
    const reply = await this.control.command(request, deadlineIn(this.clock, COMMAND_MILLISECONDS))
    if (reply.outcome === 'unknown_model') throw noModel(model)
    if (reply.outcome === 'changed') {
      const { release, change, propagation } = reply
      return { release: releaseOf(release), change: changeOf(change), propagation: propagationOf(propagation) }
    }
    if (reply.refusal.code !== 'unchanged') throw failureOf(reply.refusal)
    return { release: releaseOf(reply.release), change: null, propagation: null }
  }

  #bundledRelease(model: string): Release {
    const bundled = this.bundled(model)
    if (bundled === null) throw noModel(model)
    return bundledRelease(model, bundled.stable)
  }
}
