import { describe, expect, it } from 'vitest'
import { DEFAULT_JUDGEMENT } from '../../../src/core/judgement/config.ts'
import type { Evidence, EvidenceSubject } from '../../../src/core/judgement/evidence.ts'
import { decide } from '../../../src/core/release/decide.ts'
import type { Release, ReleaseCommand } from '../../../src/core/release/release.ts'
import type { CanaryEvidence, SeenOfCanary } from '../../../src/serving/ports/canary-watch.ts'
import type { CommandReply, CommandRequest, ReleaseControl } from '../../../src/serving/ports/release-control.ts'
import { CanaryWatcher } from '../../../src/serving/watch-canary.ts'
import { cleanEvidence, failingEvidence } from '../../support/canary-evidence.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { canaryOf, releaseOf } from '../../support/release-isolate.ts'

const MODEL = 'adder'
const SINCE = canaryOf('1.1.0', 0.05).since
const BAKED = SINCE + DEFAULT_JUDGEMENT.bakeMilliseconds
const SUBJECT: EvidenceSubject = { model: MODEL, canary: '1.1.0', stable: '1.0.0', since: SINCE }
const LIVE = releaseOf(7, { canary: canaryOf('1.1.0', 0.05) })
const ADA = { kind: 'operator', name: 'ada' } as const

const missing = (what: string) => (): never => {
  throw new Error(`a look does not call ${what}`)
}

/** A controller in memory that decides as the real one does. */
class MemoryControl implements ReleaseControl {
  readonly commands: CommandRequest[] = []
  /** Milliseconds that each call was given. */
  readonly patience: number[] = []
  isDown = false
  /** Commands are carried out, and nobody hears of it. */
  losesReplies = false
  /** Done by somebody else once the release was read. */
  afterRead: () => void = () => undefined

  constructor(
    public release: Release | null,
    private readonly now: () => number,
  ) {}

  read: ReleaseControl['read'] = async (_model, _page, deadline) => {
    this.patience.push(deadline.remainingMilliseconds())
    if (this.isDown) throw new Error('the controller is down')
    const { release } = this
    this.afterRead()
    return { format: 1, release, history: [] }
  }

  command: ReleaseControl['command'] = async (request, deadline) => {
    this.patience.push(deadline.remainingMilliseconds())
    this.commands.push(request)
    const reply = this.decide(request)
    if (this.losesReplies) throw new Error('the reply was lost')
    return reply
  }

  decide({ command, actor }: Pick<CommandRequest, 'command' | 'actor'>): CommandReply {
    if (this.release === null) return { format: 1, outcome: 'unknown_model' }
    const versions = ['1.0.0', '1.1.0', '1.2.0']
    const decision = decide(this.release, command, { now: this.now(), actor, versions })
    if ('refusal' in decision)
      return { format: 1, outcome: 'refused', release: this.release, refusal: decision.refusal }
    this.release = decision.next
    const propagation = { pushed: 0, shards: 0, copyDueAt: 0 }
    return { format: 1, outcome: 'changed', release: decision.next, change: decision.change, propagation }
  }

  versions = missing('versions')
  reserve = missing('reserve')
  register = missing('register')
}

/** Shards in memory. */
class MemoryEvidence implements CanaryEvidence {
  readonly asked: EvidenceSubject[] = []
  areDown = false
  isWhole = true
  constructor(private readonly seen: Evidence | null) {}
  async of(subject: EvidenceSubject): Promise<SeenOfCanary> {
    this.asked.push(subject)
    if (this.areDown) throw new Error('no shard answered')
    return { evidence: this.seen, isWhole: this.isWhole }
  }
}

interface Given {
  readonly release?: Release | null
  readonly seen?: Evidence | null
  readonly at?: number
  readonly promotes?: boolean
}

const watching = ({ release = LIVE, seen = null, at = BAKED, promotes = false }: Given) => {
  const clock = new ManualClock(at)
  const control = new MemoryControl(release, () => clock.epochMilliseconds())
  const evidence = new MemoryEvidence(seen)
  const lines: string[] = []
  const watcher = new CanaryWatcher({
    control,
    evidence,
    judgement: DEFAULT_JUDGEMENT,
    promotes,
    clock,
    log: (line) => lines.push(line),
  })
  return { control, evidence, lines, look: () => watcher.look(MODEL) }
}

const CLEAN = cleanEvidence(SUBJECT, 600)
const FAILING = failingEvidence(SUBJECT, 60)

describe('a look at a model', () => {
  it.each([
    ['that nobody has released', null],
    ['without a canary', releaseOf(7)],
  ])('%s finds nothing, and asks no shard', async (_, release) => {
    const { look, evidence } = watching({ release })
    expect(await look()).toBeNull()
    expect(evidence.asked).toEqual([])
  })

  it('asks for the canary of the release, and judges one that nobody has seen yet', async () => {
    const { look, evidence, control } = watching({ at: SINCE + 1_000 })
    expect(await look()).toMatchObject({
      format: 1,
      model: MODEL,
      version: '1.1.0',
      at: SINCE + 1_000,
      verdict: { verdict: 'collecting', readyToPromote: false, units: 0 },
      move: null,
    })
    expect(evidence.asked).toEqual([SUBJECT])
    expect(control.commands).toEqual([])
  })

  it('gives each call two seconds', async () => {
    const { look, control } = watching({ seen: FAILING })
    await look()
    expect(control.patience).toEqual([2_000, 2_000])
  })

  it.each([['the controller'], ['every shard']])('fails when %s is down, and commands nothing', async (down) => {
    const { look, control, evidence } = watching({ seen: FAILING })
    control.isDown = down === 'the controller'
    evidence.areDown = down === 'every shard'
    await expect(look()).rejects.toThrow()
    expect(control.commands).toEqual([])
  })
})

describe('a breach', () => {
  it('is rolled back by the rule, at the revision that was read, with what it judged by, and raises an alarm', async () => {
    const { look, control, lines } = watching({ seen: FAILING, at: SINCE + 10_000 })
    const judgement = await look()
    expect(judgement).toMatchObject({ verdict: { verdict: 'breach' }, move: 'rollback, revision 8' })
    const reason = judgement?.verdict.reasons.join('; ')
    expect(control.commands).toEqual([
      {
        model: MODEL,
        command: { command: 'rollback', reason, expectedRevision: 7 },
        actor: { kind: 'rule', name: 'canary-judgement' },
        reason,
        evidence: judgement?.verdict,
      },
    ])
    expect(control.release).toMatchObject({ stable: '1.0.0', canary: null, rolledBack: ['1.1.0'] })
    expect(lines).toEqual([`alarm: rollback of adder@1.1.0 by canary-judgement: ${reason}`])
    expect(await look()).toBeNull()
  })

  it('is rolled back where canaries are promoted, too', async () => {
    const { look, control } = watching({ seen: FAILING, promotes: true })
    await look()
    expect(control.release?.rolledBack).toEqual(['1.1.0'])
  })
})

describe('a canary that baked clean', () => {
  it('is reported ready, and left to its operators', async () => {
    const { look, control, lines } = watching({ seen: CLEAN })
    expect(await look()).toMatchObject({ verdict: { verdict: 'healthy', readyToPromote: true }, move: null })
    expect(control.commands).toEqual([])
    expect(lines).toEqual([])
  })

  it('is promoted where so configured', async () => {
    const { look, control } = watching({ seen: CLEAN, promotes: true })
    expect(await look()).toMatchObject({ verdict: { readyToPromote: true }, move: 'promote, revision 8' })
    expect(control.release).toMatchObject({ stable: '1.1.0', canary: null, fallback: '1.0.0' })
  })

  it('is not promoted a moment before it has baked', async () => {
    const { look, control } = watching({ seen: CLEAN, promotes: true, at: BAKED - 1 })
    expect(await look()).toMatchObject({ verdict: { verdict: 'healthy', readyToPromote: false }, move: null })
    expect(control.commands).toEqual([])
  })
})

describe('with a shard that does not answer', () => {
  it('nothing is ready, for that shard may hold the breach', async () => {
    const { look, control, evidence } = watching({ seen: CLEAN, promotes: true })
    evidence.isWhole = false
    expect(await look()).toMatchObject({
      verdict: {
        readyToPromote: false,
        reasons: ['600 units compared, no test is a breach', 'but a statistics shard did not answer'],
      },
      move: null,
    })
    expect(control.commands).toEqual([])
  })

  it('a breach that the others saw is rolled back', async () => {
    const { look, evidence } = watching({ seen: FAILING })
    evidence.isWhole = false
    expect((await look())?.move).toBe('rollback, revision 8')
  })
})

describe('while automatic moves are held', () => {
  const held = { ...LIVE, hold: { reason: 'a sale', until: null, by: ADA } }

  it.each([
    ['a breach', FAILING, 'breach'],
    ['a canary that baked clean', CLEAN, 'healthy'],
  ])('%s is reported, and nothing is done about it', async (_, seen, verdict) => {
    const { look, control } = watching({ release: held, seen, promotes: true })
    expect(await look()).toMatchObject({ verdict: { verdict }, move: null })
    expect(control.commands).toEqual([])
    expect(control.release).toBe(held)
  })
})

describe('an operator who is faster than the rule', () => {
  const commands: readonly (readonly [string, ReleaseCommand])[] = [
    ['raised the share', { command: 'canary', version: '1.1.0', share: 0.2 }],
    ['promoted the canary', { command: 'promote' }],
    ['held automatic moves', { command: 'hold', reason: 'a sale', until: null }],
  ]

  it.each(commands)('%s: the move is refused, and the look says so', async (_, command) => {
    const { look, control, lines } = watching({ seen: FAILING })
    control.afterRead = () => void control.decide({ command, actor: ADA })
    const judgement = await look()
    expect(judgement?.move).toBe('rollback refused: expectedRevision is 7, but the release is at revision 8')
    expect(control.release).toMatchObject({ revision: 8, rolledBack: [] })
    expect(lines).toEqual([])
  })

  it('and whose release still has the breach gets it rolled back by the next look', async () => {
    const { look, control } = watching({ seen: FAILING })
    control.afterRead = () =>
      void control.decide({ command: { command: 'canary', version: '1.1.0', share: 0.2 }, actor: ADA })
    await look()
    control.afterRead = () => undefined
    expect((await look())?.move).toBe('rollback, revision 9')
  })
})

it('a rollback whose reply was lost is told with its verdict, and raises an alarm', async () => {
  const { look, control, lines } = watching({ seen: FAILING })
  control.losesReplies = true
  expect(await look()).toMatchObject({
    verdict: { verdict: 'breach' },
    move: 'rollback unanswered: the reply was lost',
  })
  expect(lines).toEqual([expect.stringMatching(/^alarm: unanswered rollback of adder@1.1.0 by canary-judgement: /)])
  expect(await look()).toBeNull()
})

it('a controller that has forgotten the model is told of, and nothing else happens', async () => {
  const { look, control, lines } = watching({ seen: FAILING })
  control.afterRead = () => {
    control.release = null
  }
  expect((await look())?.move).toBe('rollback: the controller knows no such model')
  expect(lines).toEqual([])
})
