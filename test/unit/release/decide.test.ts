import { describe, expect, it } from 'vitest'
import { type DecisionContext, decide } from '../../../src/core/release/decide.ts'
import { type Actor, bundledRelease, type Release, type ReleaseCommand } from '../../../src/core/release/release.ts'

const NOW = 1_731_880_381_293
const ADA: Actor = { kind: 'operator', name: 'ada' }
const RULE: Actor = { kind: 'rule', name: 'error-rate' }
const context: DecisionContext = { now: NOW, actor: ADA, versions: ['a', 'b', 'c', 'd'] }

const BUNDLED = bundledRelease('late-arrival', 'a')
const canaryOf = (version: string) => ({ version, share: 0.05, since: 1 })
const UNTIL_LATER = { reason: 'holidays', until: NOW + 1, by: ADA }

/** Every kind of state, by what it shows. */
const STATES = {
  bundled: BUNDLED,
  canary: { ...BUNDLED, canary: canaryOf('b') },
  shadow: { ...BUNDLED, shadow: { version: 'b', since: 1 } },
  both: { ...BUNDLED, canary: canaryOf('b'), shadow: { version: 'c', since: 1 } },
  promoted: { ...BUNDLED, stable: 'b', fallback: 'a' },
  next: { ...BUNDLED, stable: 'b', fallback: 'a', canary: canaryOf('c') },
  again: { ...BUNDLED, canary: canaryOf('b'), rolledBack: ['b', 'c'] },
  bad: { ...BUNDLED, rolledBack: ['b'] },
  held: { ...BUNDLED, canary: canaryOf('b'), hold: UNTIL_LATER },
} satisfies Record<string, Release>

type StateName = keyof typeof STATES

const COMMANDS = {
  'canary b 5%': { command: 'canary', version: 'b', share: 0.05 },
  'canary b 20%': { command: 'canary', version: 'b', share: 0.2 },
  'canary c 5%': { command: 'canary', version: 'c', share: 0.05 },
  'canary a 5%': { command: 'canary', version: 'a', share: 0.05 },
  'shadow b': { command: 'shadow', version: 'b' },
  'shadow c': { command: 'shadow', version: 'c' },
  'shadow none': { command: 'shadow', version: null },
  promote: { command: 'promote' },
  rollback: { command: 'rollback', reason: 'it fails' },
  'switch b': { command: 'switch', version: 'b' },
  'switch c': { command: 'switch', version: 'c' },
  hold: { command: 'hold', reason: 'freeze', until: null },
  resume: { command: 'resume' },
} satisfies Record<string, ReleaseCommand>

type CommandName = keyof typeof COMMANDS

/** `b 5%` is the canary, `~c` the shadow, `<a` the fallback, `!d` what was rolled back. */
const show = ({ stable, canary, shadow, fallback, hold, rolledBack }: Release): string =>
  [
    stable,
    ...(canary === null ? [] : [`${canary.version} ${canary.share * 100}%`]),
    ...(shadow === null ? [] : [`~${shadow.version}`]),
    ...(fallback === null ? [] : [`<${fallback}`]),
    ...rolledBack.map((version) => `!${version}`),
    ...(hold === null ? [] : [hold.reason]),
  ].join(' ')

const outcome = (release: Release, command: ReleaseCommand, changed: Partial<DecisionContext> = {}): string => {
  const decision = decide(release, command, { ...context, ...changed })
  return 'refusal' in decision ? decision.refusal.code : show(decision.next)
}

const refusal = (release: Release, command: ReleaseCommand, changed: Partial<DecisionContext> = {}) => {
  const decision = decide(release, command, { ...context, ...changed })
  return 'refusal' in decision ? decision.refusal : null
}

/** What each command makes of each state. */
const TABLE: Record<CommandName, Record<StateName, string>> = {
  'canary b 5%': {
    bundled: 'a b 5%',
    canary: 'unchanged',
    shadow: 'a b 5%',
    both: 'unchanged',
    promoted: 'already_stable',
    next: 'already_stable',
    again: 'unchanged',
    bad: 'a b 5% !b',
    held: 'unchanged',
  },
  'canary b 20%': {
    bundled: 'a b 20%',
    canary: 'a b 20%',
    shadow: 'a b 20%',
    both: 'a b 20% ~c',
    promoted: 'already_stable',
    next: 'already_stable',
    again: 'a b 20% !b !c',
    bad: 'a b 20% !b',
    held: 'a b 20% holidays',
  },
  'canary c 5%': {
    bundled: 'a c 5%',
    canary: 'canary_live',
    shadow: 'a c 5% ~b',
    both: 'canary_live',
    promoted: 'b c 5% <a',
    next: 'unchanged',
    again: 'canary_live',
    bad: 'a c 5% !b',
    held: 'canary_live',
  },
  'canary a 5%': {
    bundled: 'already_stable',
    canary: 'already_stable',
    shadow: 'already_stable',
    both: 'already_stable',
    promoted: 'b a 5% <a',
    next: 'canary_live',
    again: 'already_stable',
    bad: 'already_stable',
    held: 'already_stable',
  },
  'shadow b': {
    bundled: 'a ~b',
    canary: 'already_canary',
    shadow: 'unchanged',
    both: 'already_canary',
    promoted: 'already_stable',
    next: 'already_stable',
    again: 'already_canary',
    bad: 'a ~b !b',
    held: 'already_canary',
  },
  'shadow c': {
    bundled: 'a ~c',
    canary: 'a b 5% ~c',
    shadow: 'a ~c',
    both: 'unchanged',
    promoted: 'b ~c <a',
    next: 'already_canary',
    again: 'a b 5% ~c !b !c',
    bad: 'a ~c !b',
    held: 'a b 5% ~c holidays',
  },
  'shadow none': {
    bundled: 'unchanged',
    canary: 'unchanged',
    shadow: 'a',
    both: 'a b 5%',
    promoted: 'unchanged',
    next: 'unchanged',
    again: 'unchanged',
    bad: 'unchanged',
    held: 'unchanged',
  },
  promote: {
    bundled: 'no_canary',
    canary: 'b <a',
    shadow: 'no_canary',
    both: 'b ~c <a',
    promoted: 'no_canary',
    next: 'c <b',
    again: 'b <a !c',
    bad: 'no_canary',
    held: 'b <a holidays',
  },
  rollback: {
    bundled: 'nothing_to_roll_back_to',
    canary: 'a !b',
    shadow: 'nothing_to_roll_back_to',
    both: 'a ~c !b',
    promoted: 'a !b',
    next: 'b <a !c',
    again: 'a !c !b',
    bad: 'nothing_to_roll_back_to',
    held: 'a !b holidays',
  },
  'switch b': {
    bundled: 'b <a',
    canary: 'b <a',
    shadow: 'b <a',
    both: 'b ~c <a',
    promoted: 'unchanged',
    next: 'unchanged',
    again: 'b <a !c',
    bad: 'b <a',
    held: 'b <a holidays',
  },
  'switch c': {
    bundled: 'c <a',
    canary: 'canary_live',
    shadow: 'c ~b <a',
    both: 'canary_live',
    promoted: 'c <b',
    next: 'c <b',
    again: 'canary_live',
    bad: 'c <a !b',
    held: 'canary_live',
  },
  hold: {
    bundled: 'a freeze',
    canary: 'a b 5% freeze',
    shadow: 'a ~b freeze',
    both: 'a b 5% ~c freeze',
    promoted: 'b <a freeze',
    next: 'b c 5% <a freeze',
    again: 'a b 5% !b !c freeze',
    bad: 'a !b freeze',
    held: 'a b 5% freeze',
  },
  resume: {
    bundled: 'unchanged',
    canary: 'unchanged',
    shadow: 'unchanged',
    both: 'unchanged',
    promoted: 'unchanged',
    next: 'unchanged',
    again: 'unchanged',
    bad: 'unchanged',
    held: 'a b 5%',
  },
}

describe.each(Object.entries(TABLE))('an operator who commands %s', (name, row) => {
  it.each(Object.entries(row))('turns the state %s into: %s', (state, expected) => {
    expect(outcome(STATES[state as StateName], COMMANDS[name as CommandName])).toBe(expected)
  })
})

describe('a rule', () => {
  const asRule = (release: Release, command: ReleaseCommand) =>
    outcome(release, { ...command, expectedRevision: 0 }, { actor: RULE })

  it('ends a canary it judged bad', () => {
    expect(asRule(STATES.canary, COMMANDS.rollback)).toBe('a !b')
  })

  it('promotes a canary it judged good', () => {
    expect(asRule(STATES.canary, COMMANDS.promote)).toBe('b <a')
  })

  it('never takes out the stable version', () => {
    expect(asRule(STATES.promoted, COMMANDS.rollback)).toBe('no_canary')
  })

  it.each(['canary c 5%', 'shadow c', 'switch c', 'hold', 'resume'] as const)('may not command %s', (name) => {
    for (const state of Object.values(STATES)) expect(asRule(state, COMMANDS[name])).toBe('not_for_rules')
  })

  it('must name the revision it judged', () => {
    expect(refusal(STATES.canary, COMMANDS.rollback, { actor: RULE })).toEqual({
      code: 'invalid_command',
      reason: 'expectedRevision is missing: rule "error-rate" must name the revision it judged',
    })
  })

  it.each(['promote', 'rollback'] as const)('is stopped by a hold: %s', (name) => {
    expect(refusal(STATES.held, { ...COMMANDS[name], expectedRevision: 0 }, { actor: RULE })).toEqual({
      code: 'held',
      reason: `rule "error-rate" moves nothing: "ada" holds until ${NOW + 1}, reason "holidays"`,
    })
  })

  it('moves again once the hold has expired, which then is gone', () => {
    const command: ReleaseCommand = { ...COMMANDS.rollback, expectedRevision: 0 }
    expect(outcome(STATES.held, command, { actor: RULE, now: NOW + 1 })).toBe('a !b')
  })
})

describe('a hold', () => {
  it('without an end lasts until somebody resumes', () => {
    const endless = { ...STATES.canary, hold: { reason: 'freeze', until: null, by: ADA } }
    const later = { actor: RULE, now: NOW + 1e12 }
    expect(outcome(endless, { command: 'rollback', reason: 'bad', expectedRevision: 0 }, later)).toBe('held')
  })

  it('is not resumed when it has expired', () => {
    expect(refusal(STATES.held, COMMANDS.resume, { now: NOW + 1 })).toEqual({
      code: 'unchanged',
      reason: `hold ended at ${NOW + 1}: automatic moves are not held`,
    })
  })

  it('is unchanged by the same reason and end, and replaced by another', () => {
    expect(outcome(STATES.held, { command: 'hold', reason: 'holidays', until: NOW + 1 })).toBe('unchanged')
    expect(outcome(STATES.held, { command: 'hold', reason: 'holidays', until: NOW + 2 })).toBe('a b 5% holidays')
  })

  it.each([NOW, 0, -1])('is refused when it is over already: %d', (until) => {
    expect(refusal(BUNDLED, { command: 'hold', reason: 'freeze', until })).toEqual({
      code: 'already_over',
      reason: `until is ${new Date(until).toISOString()}, which has passed`,
    })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, NOW + 0.5, 8.64e15 + 1])('never ends at %d', (until) => {
    expect(refusal(BUNDLED, { command: 'hold', reason: 'freeze', until })).toEqual({
      code: 'invalid_command',
      reason: `until is ${until}, expected null or whole epoch milliseconds after ${NOW}`,
    })
  })
})

describe('a command', () => {
  it('meant for another revision is a conflict that names both', () => {
    expect(refusal({ ...STATES.canary, revision: 7 }, { command: 'promote', expectedRevision: 6 })).toEqual({
      code: 'conflict',
      reason: 'expectedRevision is 6, but the release is at revision 7',
    })
  })

  it.each([0, 1, -0.1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('never gives a canary the share %d', (share) => {
    expect(refusal(BUNDLED, { command: 'canary', version: 'b', share })).toEqual({
      code: 'invalid_command',
      reason: `share is ${share}, expected more than 0 and less than 1`,
    })
  })

  it.each(['rollback', 'hold'] as const)('says why: %s', (command) => {
    expect(outcome(STATES.canary, { command, reason: '', until: null } as ReleaseCommand)).toBe('invalid_command')
  })

  it.each([
    { command: 'canary', version: 'z', share: 0.05 },
    { command: 'shadow', version: 'z' },
    { command: 'switch', version: 'z' },
  ] as const)('never names an unpublished version: $command', (command) => {
    for (const versions of [['a', 'b'], new Set(['a', 'b'])])
      expect(refusal(BUNDLED, command, { versions })).toEqual({
        code: 'unknown_version',
        reason: 'version is "z", which is not a published version of "late-arrival"',
      })
  })

  it('never makes stable what is no longer published', () => {
    expect(outcome(STATES.canary, COMMANDS.promote, { versions: ['a'] })).toBe('unknown_version')
    expect(outcome(STATES.promoted, COMMANDS.rollback, { versions: ['b'] })).toBe('unknown_version')
  })

  it('rolls back a canary whatever is published', () => {
    expect(outcome(STATES.canary, COMMANDS.rollback, { versions: [] })).toBe('a !b')
  })

  it('changes a share without making the canary younger', () => {
    const decision = decide(STATES.canary, COMMANDS['canary b 20%'], context)
    expect('next' in decision && decision.next.canary).toEqual({ version: 'b', share: 0.2, since: 1 })
  })

  it('rolls back the fallback as canary, and leaves no fallback', () => {
    expect(outcome({ ...STATES.promoted, canary: canaryOf('a') }, COMMANDS.rollback)).toBe('b !a')
  })

  it('rolls stable back to a version in shadow, which then is none', () => {
    expect(outcome({ ...STATES.promoted, shadow: { version: 'a', since: 1 } }, COMMANDS.rollback)).toBe('a !b')
  })

  it('leaves the release it was given as it was', () => {
    for (const state of Object.values(STATES)) {
      const before = structuredClone(state)
      for (const command of Object.values(COMMANDS)) decide(state, command, context)
      expect(state).toEqual(before)
    }
  })
})

describe('the history', () => {
  it('says when, what, why, by which rule and on what evidence', () => {
    const command: ReleaseCommand = { command: 'rollback', reason: 'errors: 9 of 40', expectedRevision: 0 }
    const evidence = { canary_errors: 9, canary_events: 40 }
    expect(decide(STATES.canary, command, { ...context, actor: RULE, reason: 'unused', evidence })).toEqual({
      next: { ...BUNDLED, revision: 1, rolledBack: ['b'], changedAt: NOW },
      change: {
        format: 1,
        revision: 1,
        at: NOW,
        actor: RULE,
        command,
        before: { stable: 'a', canary: canaryOf('b'), shadow: null, fallback: null, hold: null, rolledBack: [] },
        after: { stable: 'a', canary: null, shadow: null, fallback: null, hold: null, rolledBack: ['b'] },
        reason: 'errors: 9 of 40',
        evidence,
      },
    })
  })

  it.each([
    ['given beside a command that has none', 'baked clean', 'baked clean'],
    ['absent', undefined, null],
  ])('holds the reason %s', (_, reason, expected) => {
    const decision = decide(STATES.canary, COMMANDS.promote, { ...context, reason })
    expect('change' in decision && decision.change.reason).toBe(expected)
  })
})
