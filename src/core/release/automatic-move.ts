/** What a rule does about a canary that was judged. */
import type { Verdict } from '../judgement/verdict.ts'
import { activeHold, type Release, type ReleaseCommand } from './release.ts'

/** The rule's name in the history. */
export const CANARY_RULE = 'canary-judgement'

export interface AutomaticMove {
  readonly command: ReleaseCommand
  /** In words, for the history. */
  readonly reason: string
}

/**
 * Rolls back a canary that is a breach; promotes one that is ready, where `promotes` is set; nothing while automatic moves are held at `now`,
 * epoch milliseconds. The command is meant for this very revision.
 */
export const automaticMove = (
  release: Release,
  { verdict, readyToPromote, reasons }: Verdict,
  promotes: boolean,
  now: number,
): AutomaticMove | null => {
  if (release.canary === null || activeHold(release, now) !== null) return null
  const reason = reasons.join('; ')
  const expectedRevision = release.revision
  if (verdict === 'breach') return { command: { command: 'rollback', reason, expectedRevision }, reason }
  return readyToPromote && promotes ? { command: { command: 'promote', expectedRevision }, reason } : null
}
