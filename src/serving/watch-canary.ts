/** Looks at a model's canary once: gathers what was seen of it, judges it, and commands the controller where a rule says so. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { JudgementConfig } from '../core/judgement/config.ts'
import { emptyEvidence, subjectOf } from '../core/judgement/evidence.ts'
import { judge } from '../core/judgement/judge.ts'
import type { Verdict } from '../core/judgement/verdict.ts'
import { type AutomaticMove, automaticMove, CANARY_RULE } from '../core/release/automatic-move.ts'
import type { Release } from '../core/release/release.ts'
import type { CanaryEvidence, Judgement } from './ports/canary-watch.ts'
import type { ReleaseControl } from './ports/release-control.ts'

export interface CanaryWatcherParts {
  readonly control: ReleaseControl
  readonly evidence: CanaryEvidence
  readonly judgement: JudgementConfig
  /** A canary that bakes clean is promoted, not only reported. */
  readonly promotes: boolean
  readonly clock: Clock
  readonly log: (line: string) => void
}

/** For each of the three calls of a look. */
const CALL_MILLISECONDS = 2_000

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A shard that did not answer may hold the breach: without it no canary is ready. */
const inPart = (verdict: Verdict): Verdict =>
  verdict.readyToPromote
    ? { ...verdict, readyToPromote: false, reasons: [...verdict.reasons, 'but a statistics shard did not answer'] }
    : verdict

export class CanaryWatcher {
  constructor(private readonly parts: CanaryWatcherParts) {}

  /** `null`: no canary is live. Rejects when the controller cannot be read, or no shard answers, in time. */
  async look(model: string): Promise<Judgement | null> {
    const { control, evidence, judgement, promotes, clock } = this.parts
    const within = () => deadlineIn(clock, CALL_MILLISECONDS)
    const { release } = await control.read(model, { limit: 0, before: null }, within())
    const subject = release === null ? null : subjectOf(release)
    if (release === null || subject === null) return null
    const seen = await evidence.of(subject, within())
    const at = clock.epochMilliseconds()
    const judged = judge(seen.evidence ?? emptyEvidence(subject), judgement, at)
    const verdict = seen.isWhole ? judged : inPart(judged)
    const move = automaticMove(release, verdict, promotes, at)
    const done = move === null ? null : await this.#command(release, move, verdict)
    return { format: 1, model, version: subject.canary, at, verdict, move: done }
  }

  /** What came of it, in words. A command without an answer may have been accepted all the same: the next look finds out. */
  async #command({ model, canary }: Release, { command, reason }: AutomaticMove, evidence: Verdict): Promise<string> {
    const { control, clock, log } = this.parts
    const actor = { kind: 'rule', name: CANARY_RULE } as const
    const alarm = (what: string): void =>
      log(`alarm: ${what} of ${model}@${canary?.version} by ${CANARY_RULE}: ${reason}`)
    const request = { model, command, actor, reason, evidence }
    const reply = await control.command(request, deadlineIn(clock, CALL_MILLISECONDS)).catch(messageOf)
    if (typeof reply === 'string') {
      alarm(`unanswered ${command.command}`)
      return `${command.command} unanswered: ${reply}`
    }
    if (reply.outcome === 'unknown_model') return `${command.command}: the controller knows no such model`
    if (reply.outcome === 'refused') return `${command.command} refused: ${reply.refusal.reason}`
    alarm(command.command)
    return `${command.command}, revision ${reply.release.revision}`
  }
}
