/** The release state machine: a release and a command give the next release, or a refusal that says why not. */
import { quote } from '../failure.ts'
import {
  type Actor,
  activeHold,
  LATEST_MILLISECONDS,
  type Release,
  type ReleaseChange,
  type ReleaseCommand,
  type ReleaseState,
} from './release.ts'

/** Every way to refuse a command. */
export const REFUSAL_CODES = [
  /** `expectedRevision` is not the present revision. */
  'conflict',
  /** A share, reason, time or revision that is out of bounds. */
  'invalid_command',
  /** Automatic, while automatic moves are held. */
  'held',
  /** Automatic, and not among what a rule may do: promote a canary or roll one back. */
  'not_for_rules',
  'unknown_version',
  'already_stable',
  'already_canary',
  /** Another version is the canary. */
  'canary_live',
  'no_canary',
  /** A rollback with neither canary nor fallback. */
  'nothing_to_roll_back_to',
  /** A hold that would have ended before it began. */
  'already_over',
  /** The release is already what the command asks for; whoever repeats a command may take it for success. */
  'unchanged',
] as const

export type RefusalCode = (typeof REFUSAL_CODES)[number]

export interface Refusal {
  readonly code: RefusalCode
  /** Names the place and the value that stand in the way. */
  readonly reason: string
}

export interface DecisionContext {
  /** Epoch milliseconds. */
  readonly now: number
  readonly actor: Actor
  /** All published versions of the model, with those of the bundle. */
  readonly versions: ReadonlySet<string> | readonly string[]
  /** For the history, where the command itself holds no reason. */
  readonly reason?: string | undefined
  /** For the history: anything JSON can hold. */
  readonly evidence?: unknown
  /** The trace of the command, 32 hexadecimal digits. */
  readonly traceId?: string | undefined
}

export type Decision = { readonly next: Release; readonly change: ReleaseChange } | { readonly refusal: Refusal }

type Refused = { readonly refusal: Refusal }
/** The fields a command changes. */
type Move = Partial<ReleaseState>
type Command<Name extends ReleaseCommand['command']> = Extract<ReleaseCommand, { readonly command: Name }>

const refuse = (code: RefusalCode, reason: string): Refused => ({ refusal: { code, reason } })

const refuseUnknown = (place: string, version: string, model: string, { versions }: DecisionContext): Refused | null =>
  ('has' in versions ? versions.has(version) : versions.includes(version))
    ? null
    : refuse('unknown_version', `${place} is ${quote(version)}, which is not a published version of ${quote(model)}`)

const noCanary = (): Refused => refuse('no_canary', 'canary is null: no version is a canary')

const without = (versions: readonly string[], version: string): readonly string[] =>
  versions.filter((other) => other !== version)

/** `version` answers all units from now on, and what answered them before is there to fall back to. */
const makeStable = (release: Release, version: string): Move => ({
  stable: version,
  canary: null,
  shadow: release.shadow?.version === version ? null : release.shadow,
  fallback: release.stable,
  rolledBack: without(release.rolledBack, version),
})

const canary = (release: Release, { version, share }: Command<'canary'>, context: DecisionContext): Move | Refused => {
  if (!(share > 0 && share < 1))
    return refuse('invalid_command', `share is ${share}, expected more than 0 and less than 1`)
  const unknown = refuseUnknown('version', version, release.model, context)
  if (unknown !== null) return unknown
  if (version === release.stable) return refuse('already_stable', `version is ${quote(version)}, which is stable`)
  const live = release.canary
  if (live === null) {
    const shadow = release.shadow?.version === version ? null : release.shadow
    return { canary: { version, share, since: context.now }, shadow }
  }
  if (live.version !== version)
    return refuse(
      'canary_live',
      `version is ${quote(version)}, but the canary is ${quote(live.version)}: promote it or roll it back first`,
    )
  if (live.share === share) return refuse('unchanged', `the canary ${quote(version)} already has the share ${share}`)
  return { canary: { ...live, share } }
}

const shadow = (release: Release, { version }: Command<'shadow'>, context: DecisionContext): Move | Refused => {
  if (version === (release.shadow?.version ?? null))
    return refuse('unchanged', version === null ? 'shadow is already null' : `the shadow is already ${quote(version)}`)
  if (version === null) return { shadow: null }
  const unknown = refuseUnknown('version', version, release.model, context)
  if (unknown !== null) return unknown
  // Either runs already: there would be nothing to compare it with but itself.
  if (version === release.stable) return refuse('already_stable', `version is ${quote(version)}, which is stable`)
  if (version === release.canary?.version)
    return refuse('already_canary', `version is ${quote(version)}, which is the canary`)
  return { shadow: { version, since: context.now } }
}

const promote = (release: Release, context: DecisionContext): Move | Refused => {
  if (release.canary === null) return noCanary()
  const { version } = release.canary
  return refuseUnknown('canary', version, release.model, context) ?? makeStable(release, version)
}

const rollback = (release: Release, { reason }: Command<'rollback'>, context: DecisionContext): Move | Refused => {
  if (reason === '') return refuse('invalid_command', 'reason is "", expected a text that says why')
  const { stable, fallback } = release
  if (release.canary !== null) {
    const { version } = release.canary
    return {
      canary: null,
      fallback: fallback === version ? null : fallback,
      rolledBack: [...without(release.rolledBack, version), version],
    }
  }
  // A rule judges canaries. Where the one it judged is gone, it must not take the stable version instead.
  if (context.actor.kind === 'rule') return noCanary()
  if (fallback === null)
    return refuse(
      'nothing_to_roll_back_to',
      `canary and fallback are null: nothing is known before stable ${quote(stable)}`,
    )
  const unknown = refuseUnknown('fallback', fallback, release.model, context)
  if (unknown !== null) return unknown
  return { ...makeStable(release, fallback), fallback: null, rolledBack: [...release.rolledBack, stable] }
}

const flip = (release: Release, { version }: Command<'switch'>, context: DecisionContext): Move | Refused => {
  const unknown = refuseUnknown('version', version, release.model, context)
  if (unknown !== null) return unknown
  if (version === release.stable) return refuse('unchanged', `stable is already ${quote(version)}`)
  // The canary is judged against the stable version: that must not change under it.
  if (release.canary !== null && release.canary.version !== version)
    return refuse(
      'canary_live',
      `version is ${quote(version)}, but the canary is ${quote(release.canary.version)}: promote it or roll it back first`,
    )
  return makeStable(release, version)
}

const hold = (
  release: Release,
  { reason, until }: Command<'hold'>,
  { now, actor }: DecisionContext,
): Move | Refused => {
  if (reason === '') return refuse('invalid_command', 'reason is "", expected a text that says why')
  if (until !== null && !(Number.isInteger(until) && Math.abs(until) <= LATEST_MILLISECONDS))
    return refuse('invalid_command', `until is ${until}, expected null or whole epoch milliseconds after ${now}`)
  if (until !== null && until <= now)
    return refuse('already_over', `until is ${new Date(until).toISOString()}, which has passed`)
  const active = activeHold(release, now)
  if (active !== null && active.reason === reason && active.until === until)
    return refuse('unchanged', `hold is already in force with the reason ${quote(reason)}`)
  return { hold: { reason, until, by: actor } }
}

const resume = (release: Release, { now }: DecisionContext): Move | Refused => {
  if (activeHold(release, now) !== null) return { hold: null }
  const ended = release.hold === null ? 'hold is null' : `hold ended at ${release.hold.until}`
  return refuse('unchanged', `${ended}: automatic moves are not held`)
}

const move = (release: Release, command: ReleaseCommand, context: DecisionContext): Move | Refused => {
  switch (command.command) {
    case 'canary':
      return canary(release, command, context)
    case 'shadow':
      return shadow(release, command, context)
    case 'promote':
      return promote(release, context)
    case 'rollback':
      return rollback(release, command, context)
    case 'switch':
      return flip(release, command, context)
    case 'hold':
      return hold(release, command, context)
    case 'resume':
      return resume(release, context)
  }
}

/** What stands in the way of `command` whatever it would do: another revision, or a rule that may not. */
const refuseAtOnce = (release: Release, command: ReleaseCommand, { actor, now }: DecisionContext): Refused | null => {
  const { expectedRevision } = command
  if (expectedRevision !== undefined && expectedRevision !== release.revision)
    return refuse(
      'conflict',
      `expectedRevision is ${expectedRevision}, but the release is at revision ${release.revision}`,
    )
  if (actor.kind !== 'rule') return null
  const rule = `rule ${quote(actor.name)}`
  if (command.command !== 'promote' && command.command !== 'rollback')
    return refuse(
      'not_for_rules',
      `command is ${quote(command.command)}: ${rule} may only promote or roll back a canary`,
    )
  // A rule has judged the canary of one revision; another revision may have another canary.
  if (expectedRevision === undefined)
    return refuse('invalid_command', `expectedRevision is missing: ${rule} must name the revision it judged`)
  const held = activeHold(release, now)
  if (held === null) return null
  const end = held.until === null ? 'until somebody resumes' : `until ${held.until}`
  return refuse('held', `${rule} moves nothing: ${quote(held.by.name)} holds ${end}, reason ${quote(held.reason)}`)
}

const stateOf = ({ stable, canary, shadow, fallback, hold, rolledBack }: ReleaseState): ReleaseState => ({
  stable,
  canary,
  shadow,
  fallback,
  hold,
  rolledBack,
})

/**
 * The release after `command`, one revision on, and its entry for the history; or why it stays as it is. A command that would change nothing
 * is refused as `unchanged`; a hold that has expired is dropped by the next accepted command, whatever that is. Operators may do anything
 * that keeps the release sound; a rule may promote a canary or roll one back, at the revision it names, unless it is held. Never throws.
 */
export const decide = (release: Release, command: ReleaseCommand, context: DecisionContext): Decision => {
  const moved = refuseAtOnce(release, command, context) ?? move(release, command, context)
  if ('refusal' in moved) return moved
  const { now, actor, traceId } = context
  const after = { ...stateOf(release), hold: activeHold(release, now), ...moved }
  const revision = release.revision + 1
  return {
    next: { format: 1, model: release.model, revision, ...after, changedAt: now },
    change: {
      format: 1,
      revision,
      at: now,
      actor,
      command,
      before: stateOf(release),
      after,
      reason: 'reason' in command ? command.reason : (context.reason ?? null),
      evidence: context.evidence ?? null,
      ...(traceId === undefined ? {} : { traceId }),
    },
  }
}
