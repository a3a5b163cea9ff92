import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/core/judgement/verdict.ts'
import { type AutomaticMove, automaticMove } from '../../../src/core/release/automatic-move.ts'
import { decide } from '../../../src/core/release/decide.ts'
import { bundledRelease, type Hold, type Release } from '../../../src/core/release/release.ts'

const NOW = Date.UTC(2026, 10, 24)

const verdictOf = (verdict: Verdict['verdict'], readyToPromote = false): Verdict => ({
  verdict,
  readyToPromote,
  units: 700,
  reasons: ['one reason', 'another'],
  findings: [],
})

const WITHOUT: Release = { ...bundledRelease('m', '1.0.0'), revision: 6 }
const LIVE: Release = { ...WITHOUT, revision: 7, canary: { version: '1.1.0', share: 0.05, since: NOW - 1 } }

const heldUntil = (until: Hold['until']): Release => ({
  ...LIVE,
  hold: { reason: 'a sale', until, by: { kind: 'operator', name: 'ada' } },
})

const BREACH = verdictOf('breach')
const READY = verdictOf('healthy', true)

const REASON = 'one reason; another'
const ROLLBACK: AutomaticMove = {
  command: { command: 'rollback', reason: REASON, expectedRevision: 7 },
  reason: REASON,
}
const PROMOTE: AutomaticMove = { command: { command: 'promote', expectedRevision: 7 }, reason: REASON }

interface Case {
  readonly of: string
  readonly release: Release
  readonly verdict: Verdict
  /** What is done where canaries are promoted, and where they are only reported. */
  readonly promoting: AutomaticMove | null
  readonly reporting: AutomaticMove | null
}

const CASES: readonly Case[] = [
  { of: 'a breach', release: LIVE, verdict: BREACH, promoting: ROLLBACK, reporting: ROLLBACK },
  { of: 'a canary that is ready', release: LIVE, verdict: READY, promoting: PROMOTE, reporting: null },
  { of: 'a healthy one still baking', release: LIVE, verdict: verdictOf('healthy'), promoting: null, reporting: null },
  { of: 'a canary of few units', release: LIVE, verdict: verdictOf('collecting'), promoting: null, reporting: null },
  { of: 'a breach without a canary', release: WITHOUT, verdict: BREACH, promoting: null, reporting: null },
  { of: 'a ready one that is gone', release: WITHOUT, verdict: READY, promoting: null, reporting: null },
  { of: 'a breach, held', release: heldUntil(null), verdict: BREACH, promoting: null, reporting: null },
  { of: 'a ready one, held', release: heldUntil(NOW + 1), verdict: READY, promoting: null, reporting: null },
  { of: 'a breach, the hold over', release: heldUntil(NOW), verdict: BREACH, promoting: ROLLBACK, reporting: ROLLBACK },
  { of: 'a ready one, the hold over', release: heldUntil(NOW), verdict: READY, promoting: PROMOTE, reporting: null },
]

describe.each(CASES)('of $of', ({ release, verdict, promoting, reporting }) => {
  it.each([
    { where: 'promoted', promotes: true, move: promoting, does: promoting?.command.command ?? 'nothing' },
    { where: 'only reported', promotes: false, move: reporting, does: reporting?.command.command ?? 'nothing' },
  ])('where canaries are $where: $does', ({ promotes, move }) => {
    expect(automaticMove(release, verdict, promotes, NOW)).toEqual(move)
  })
})

describe('every automatic move', () => {
  const moves = CASES.flatMap(({ of, release, promoting }) => (promoting === null ? [] : [{ of, release, promoting }]))
  const context = { now: NOW, actor: { kind: 'rule', name: 'a rule' }, versions: ['1.0.0', '1.1.0'] } as const

  it.each(moves)('of $of is one that a rule may make, and at no other revision', ({ release, promoting }) => {
    expect(decide(release, promoting.command, context)).toMatchObject({ next: { canary: null, revision: 8 } })
    const meanwhile = { ...release, revision: 8 }
    expect(decide(meanwhile, promoting.command, context)).toMatchObject({ refusal: { code: 'conflict' } })
  })
})
