import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecisionContext, decide, REFUSAL_CODES } from '../../../src/core/release/decide.ts'
import { readRelease } from '../../../src/core/release/read-release.ts'
import {
  type Actor,
  bundledRelease,
  type Release,
  type ReleaseChange,
  type ReleaseCommand,
} from '../../../src/core/release/release.ts'

const VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '2.0.0']
const BUNDLED = bundledRelease('late-arrival', '1.0.0')

interface Step {
  readonly command: ReleaseCommand
  readonly actor: Actor
  /** Milliseconds since the step before. */
  readonly later: number
  /** Added to the present revision; `null` states none. */
  readonly revisionOff: number | null
}

const version = fc.constantFrom(...VERSIONS, '9.9.9', '')
const share = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0.05, 0.2, 0, 1, -1, Number.NaN, 1e300),
)
const reason = fc.constantFrom('', 'it fails', 'freeze')
const until = fc.oneof(fc.constantFrom(null, 0, Number.NaN, 1e300), fc.integer({ min: 0, max: 5000 }))
const command: fc.Arbitrary<ReleaseCommand> = fc.oneof(
  fc.record({ command: fc.constant('canary' as const), version, share }),
  fc.record({ command: fc.constant('shadow' as const), version: fc.option(version) }),
  fc.record({ command: fc.constant('promote' as const) }),
  fc.record({ command: fc.constant('rollback' as const), reason }),
  fc.record({ command: fc.constant('switch' as const), version }),
  fc.record({ command: fc.constant('hold' as const), reason, until }),
  fc.record({ command: fc.constant('resume' as const) }),
)
const step: fc.Arbitrary<Step> = fc.record({
  command,
  actor: fc.record({ kind: fc.constantFrom('operator' as const, 'rule' as const), name: fc.string() }),
  later: fc.nat(500),
  revisionOff: fc.constantFrom(null, 0, 0, 0, 1, -1),
})
const steps = fc.array(step, { maxLength: 60 })

interface Turn {
  readonly before: Release
  readonly step: Step
  readonly after: Release
  readonly change: ReleaseChange | null
}

/** Every step from the bundled release on; a refused one leaves the release as it is. */
const run = (script: readonly Step[]): Turn[] => {
  let release = BUNDLED
  let now = 0
  return script.map((step) => {
    now += step.later
    const before = release
    const expectedRevision = step.revisionOff === null ? undefined : before.revision + step.revisionOff
    const context: DecisionContext = { now, actor: step.actor, versions: VERSIONS }
    const decision = decide(before, { ...step.command, expectedRevision }, context)
    if ('refusal' in decision) {
      expect(REFUSAL_CODES).toContain(decision.refusal.code)
      expect(decision.refusal.reason.length).toBeGreaterThan(10)
      return { before, step, after: before, change: null }
    }
    release = decision.next
    return { before, step, after: release, change: decision.change }
  })
}

/** Holds `check` against every turn of 2,000 scripts. */
const always = (check: (turn: Turn) => void): void =>
  fc.assert(
    fc.property(steps, (script) => run(script).forEach(check)),
    { numRuns: 2000 },
  )

const changesOf = (turns: readonly Turn[]): ReleaseChange[] => turns.flatMap(({ change }) => change ?? [])

describe('whatever is commanded', () => {
  it('never throws, and a change grows the revision by exactly one', () => {
    always(({ before, after, change }) => {
      expect(after.revision).toBe(before.revision + (change === null ? 0 : 1))
      if (change !== null) expect(change.revision).toBe(after.revision)
    })
  })

  it('changes something, or is refused', () => {
    always(({ change }) => {
      if (change !== null) expect(change.after).not.toEqual(change.before)
    })
  })

  it('leaves stable, canary and shadow three different versions', () => {
    always(({ after: { stable, canary, shadow } }) => {
      const running = [stable, canary?.version, shadow?.version].filter((version) => version !== undefined)
      expect(new Set(running).size).toBe(running.length)
    })
  })

  it('leaves neither stable nor fallback among what was rolled back, and the two different', () => {
    always(({ after: { stable, fallback, rolledBack } }) => {
      expect(rolledBack).not.toContain(stable)
      expect(rolledBack).not.toContain(fallback)
      expect(fallback).not.toBe(stable)
      expect(new Set(rolledBack).size).toBe(rolledBack.length)
    })
  })

  it('serves published versions only', () => {
    always(({ after: { stable, canary, shadow, fallback } }) => {
      for (const version of [stable, canary?.version, shadow?.version, fallback])
        if (version !== undefined && version !== null) expect(VERSIONS).toContain(version)
    })
  })

  it('lets a rule touch nothing but the canary, and only where no hold is in force', () => {
    always(({ before, after, step, change }) => {
      if (change === null || step.actor.kind !== 'rule') return
      expect(before.canary).not.toBeNull()
      expect(after.canary).toBeNull()
      expect([before.stable, before.canary?.version]).toContain(after.stable)
      expect(before.hold?.until ?? 0).toBeLessThanOrEqual(change.at)
      if (before.hold !== null) expect(before.hold.until).not.toBeNull()
    })
  })

  it('gives a version that was rolled back units only when an operator asks for it', () => {
    always(({ before, after, step, change }) => {
      const answering = [after.stable, after.canary?.version]
      const returned = before.rolledBack.filter(
        (version) => answering.includes(version) && version !== before.canary?.version,
      )
      if (change !== null && returned.length > 0) {
        expect(step.actor.kind).toBe('operator')
        expect(['canary', 'switch']).toContain(step.command.command)
      }
    })
  })

  it('is stored and read back as it was', () => {
    always(({ after }) => {
      expect(readRelease(JSON.parse(JSON.stringify(after)))).toEqual(after)
    })
  })
})

describe('the history of a release', () => {
  it('commands the same release again', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const turns = run(script)
        const replayed = changesOf(turns).reduce((release, { command, actor, at: now }) => {
          const decision = decide(release, command, { actor, now, versions: VERSIONS })
          return 'next' in decision ? decision.next : release
        }, BUNDLED)
        expect(replayed).toEqual(turns.at(-1)?.after ?? BUNDLED)
      }),
    )
  })

  it('is a chain, each entry beginning where the one before ended', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const turns = run(script)
        const changes = changesOf(turns)
        for (const [index, { before }] of changes.entries())
          if (index > 0) expect(before).toEqual(changes[index - 1]?.after)
        const last = changes.at(-1)
        if (last === undefined) return
        const { after, revision, at } = last
        expect({ format: 1, model: BUNDLED.model, revision, ...after, changedAt: at }).toEqual(turns.at(-1)?.after)
      }),
    )
  })
})
