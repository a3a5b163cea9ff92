import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readRelease } from '../../../src/core/release/read-release.ts'
import type { Release, ReleaseCommand } from '../../../src/core/release/release.ts'
import { ReleaseController } from '../../../src/durable/release-controller.ts'
import { type VersionRecord, versionRecordSchema } from '../../../src/protocol/version-record.ts'
import type { CommandReply } from '../../../src/serving/ports/release-control.ts'
import format1 from '../../fixtures/release/controller-format-1.json' with { type: 'json' }
import { FaultyTargets } from '../../support/faulty-targets.ts'

type Stub = DurableObjectStub<ReleaseController>
const { RELEASE_CONTROLLER } = env as unknown as { RELEASE_CONTROLLER: DurableObjectNamespace<ReleaseController> }

/** The calls of an object, with what they answer: workers-types make `never` of a reply that holds an `unknown`. */
type Calls = {
  [M in 'read' | 'command' | 'versions' | 'reserve' | 'register']: (
    ...call: Parameters<ReleaseController[M]>
  ) => Promise<Awaited<ReturnType<ReleaseController[M]>>>
}
const controllerOf = (name: string): Calls => RELEASE_CONTROLLER.getByName(name) as unknown as Calls

/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2038, 10, 11)
const MODEL = 'late-arrival'
const BUNDLED = { stable: '1.0.0', versions: ['1.0.0', '1.1.0', '1.2.0'] }
const FIRST = { limit: 20, before: null }
const OPERATOR = { kind: 'operator', name: 'ada' } as const

const newName = (): string => crypto.randomUUID()

/** Works on the tables of the real object called `name`, as an object with these places to bring releases to. */
const inside = <T>(
  name: string,
  targets: FaultyTargets,
  work: (controller: ReleaseController, state: DurableObjectState) => Promise<T> | T,
  bundled: typeof BUNDLED | null = BUNDLED,
): Promise<T> =>
  runInDurableObject(RELEASE_CONTROLLER.getByName(name) as Stub, (_, state) =>
    work(new ReleaseController(state, env, { bundled: () => bundled, targets }), state),
  )

const asked = (command: ReleaseCommand) => ({ model: MODEL, command, actor: OPERATOR })

const changedBy = (reply: CommandReply) => {
  if (reply.outcome !== 'changed') throw new Error(`the command was not accepted: ${JSON.stringify(reply)}`)
  return reply
}

const CANARY = { command: 'canary', version: '1.1.0', share: 0.05 } as const

const record = (version: string, digest: string): VersionRecord => ({
  format: 1,
  name: MODEL,
  version,
  digest,
  files: {},
  evidence: 'real',
  signature: { inputs: [], outputs: [] },
  feature_view: { version: 1, fingerprint: '', fields: [] },
  metrics: null,
  git_tag: null,
  published_at: new Date(START).toISOString(),
  published_by: 'ada',
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a release controller', () => {
  it('keeps the release and its history over a restart', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    const { release, change } = changedBy(
      await inside(name, targets, (controller) => controller.command(asked(CANARY))),
    )
    await evictDurableObject(RELEASE_CONTROLLER.getByName(name) as Stub)
    const read = await controllerOf(name).read(MODEL, FIRST)
    expect(read).toEqual({ format: 1, release, history: [change], alarms: [] })
  })

  it('reads rows of format 1 as they were first written, and refuses what it does not know', async () => {
    const name = newName()
    await inside(name, new FaultyTargets(), (controller, { storage }) => {
      const { sql } = storage
      sql.exec('INSERT INTO release VALUES (1, 1, ?)', JSON.stringify(format1.release))
      for (const change of format1.changes) {
        sql.exec('INSERT INTO changes VALUES (?, 1, ?)', change.revision, JSON.stringify(change))
      }
      const { record } = format1
      sql.exec('INSERT INTO versions VALUES (?, ?, 0, 1, ?)', record.version, record.digest, JSON.stringify(record))
      expect(controller.read(MODEL, FIRST)).toEqual({
        format: 1,
        release: readRelease(format1.release),
        history: [...format1.changes].reverse(),
        alarms: [],
      })
      expect(controller.versions().versions).toEqual([versionRecordSchema.parse(record)])
      sql.exec('UPDATE release SET format = 9')
      expect(() => controller.read(MODEL, FIRST)).toThrow('a stored row has format 9, this code knows 1')
    })
  })

  it('refuses tables of a later version than it knows', async () => {
    await inside(newName(), new FaultyTargets(), (_, state) => {
      state.storage.sql.exec('INSERT INTO migrations VALUES (99)')
      const open = () => new ReleaseController(state, env, { bundled: () => null, targets: new FaultyTargets() })
      expect(open).toThrow('the tables are at step 2, this code knows 1')
    })
  })

  it('has nothing to say of a model until somebody commands', async () => {
    const read = await controllerOf(newName()).read(MODEL, FIRST)
    expect(read).toEqual({ format: 1, release: null, history: [], alarms: [] })
    const reply = await inside(newName(), new FaultyTargets(), (c) => c.command(asked(CANARY)), null)
    expect(reply).toEqual({ format: 1, outcome: 'unknown_model' })
  })

  it('writes what a rule judged by into the history', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    const history = await inside(name, targets, async (controller) => {
      await controller.command(asked(CANARY))
      const command = { command: 'rollback', reason: 'errors', expectedRevision: 1 } as const
      const rule = { kind: 'rule', name: 'errors' } as const
      changedBy(await controller.command({ model: MODEL, command, actor: rule, evidence: { canary: [7, 900] } }))
      return controller.read(MODEL, FIRST).history
    })
    expect(history[0]).toMatchObject({
      actor: { kind: 'rule', name: 'errors' },
      reason: 'errors',
      evidence: { canary: [7, 900] },
    })
  })

  it('pushes a change to every shard before it answers, and writes the copy a second later', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    const { propagation } = changedBy(await inside(name, targets, (controller) => controller.command(asked(CANARY))))
    expect(propagation).toEqual({ pushed: 2, shards: 2, copyDueAt: START + 1_000 })
    expect(targets.came).toEqual({ 'shard-0': [1], 'shard-1': [1], watch: [1] })
    await inside(name, targets, (controller) => controller.alarm())
    expect(targets.came).toEqual({ 'shard-0': [1], 'shard-1': [1], watch: [1], copy: [1] })
    await inside(name, targets, (controller) => controller.alarm())
    expect(targets.came.copy).toEqual([1])
  })

  it('writes several changes within a second to the copy at once', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    await inside(name, targets, async (controller, { storage }) => {
      await controller.command(asked(CANARY))
      vi.setSystemTime(START + 900)
      const { propagation } = changedBy(await controller.command(asked({ ...CANARY, share: 0.2 })))
      expect(propagation.copyDueAt).toBe(START + 1_000)
      expect(await storage.getAlarm()).toBe(START + 1_000)
      await controller.alarm()
    })
    expect(targets.came.copy).toEqual([2])
  })

  it('accepts a command that it can push nowhere, and tries until every place has acknowledged', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    for (const place of ['shard-0', 'shard-1', 'copy']) targets.down.add(place)
    const waits = await inside(name, targets, async (controller, { storage }) => {
      const { propagation } = changedBy(await controller.command(asked(CANARY)))
      expect(propagation).toMatchObject({ pushed: 0, shards: 2 })
      const seen: number[] = []
      for (let ring = 0; ring < 8; ring++) {
        await controller.alarm()
        seen.push(((await storage.getAlarm()) ?? 0) - START)
      }
      targets.down.clear()
      await controller.alarm()
      return seen
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    expect(targets.came).toEqual({ 'shard-0': [1], 'shard-1': [1], watch: [1], copy: [1] })
  })

  it('writes a copy once more, a minute later, when an earlier write of it may still come through', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    await inside(name, targets, async (controller, { storage }) => {
      targets.down.add('copy')
      await controller.command(asked(CANARY))
      await controller.alarm()
      targets.down.clear()
      await controller.alarm()
      expect(await storage.getAlarm()).toBe(START + 60_000)
      await controller.alarm()
      await controller.alarm()
    })
    expect(targets.came).toEqual({ 'shard-0': [1], 'shard-1': [1], watch: [1], copy: [1, 1] })
  })

  it('brings the newest release to a place that missed one', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    await inside(name, targets, async (controller) => {
      targets.down.add('shard-1')
      await controller.command(asked(CANARY))
      await controller.command(asked({ command: 'promote' }))
      targets.down.clear()
      await controller.alarm()
    })
    expect(targets.came).toEqual({ 'shard-0': [1, 2], 'shard-1': [2], watch: [1, 2], copy: [2] })
  })

  it('rings by the alarm of the platform, and so writes the copy to KV', async () => {
    const name = newName()
    await controllerOf(name).reserve('1.0.0', 'a')
    await controllerOf(name).register({ ...record('1.0.0', 'a'), name })
    const { release } = await controllerOf(name).read(name, FIRST)
    expect(await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(name) as Stub)).toBe(true)
    expect(release).toMatchObject({ model: name, revision: 1 })
    expect(await env.RELEASES.get(`release/${name}`, 'json')).toEqual(release)
    expect(await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(name) as Stub)).toBe(false)
  })
})

describe('versions', () => {
  const controller = () => controllerOf(newName())

  it('exist from the moment they are registered, and can then be released', async () => {
    const canary = asked({ command: 'canary', version: '2.0.0', share: 0.1 })
    await inside(newName(), new FaultyTargets(), async (own) => {
      expect(own.reserve('2.0.0', 'a')).toEqual({ format: 1, outcome: 'reserved' })
      expect(own.versions().versions).toEqual([])
      expect(await own.command(canary)).toMatchObject({ outcome: 'refused', refusal: { code: 'unknown_version' } })
      expect(await own.register(record('2.0.0', 'a'))).toMatchObject({ outcome: 'published' })
      expect(own.versions().versions).toEqual([record('2.0.0', 'a')])
      expect(await own.command(canary)).toMatchObject({ outcome: 'changed' })
    })
  })

  it('are registered once, and never with other bytes', async () => {
    const stub = controller()
    await stub.reserve('2.0.0', 'a')
    await stub.register(record('2.0.0', 'a'))
    expect(await stub.register(record('2.0.0', 'a'))).toMatchObject({ outcome: 'published' })
    expect(await stub.reserve('2.0.0', 'a')).toMatchObject({ outcome: 'published', record: { digest: 'a' } })
    expect(await stub.reserve('2.0.0', 'b')).toEqual({ format: 1, outcome: 'exists', digest: 'a' })
    expect(await stub.register(record('2.0.0', 'b'))).toEqual({ format: 1, outcome: 'lost' })
  })

  it('are kept for who writes them for two minutes', async () => {
    const stub = controller()
    await stub.reserve('2.0.0', 'a')
    expect(await stub.reserve('2.0.0', 'b')).toEqual({ format: 1, outcome: 'busy', until: START + 120_000 })
    vi.setSystemTime(START + 120_000)
    expect(await stub.reserve('2.0.0', 'b')).toEqual({ format: 1, outcome: 'reserved' })
    expect(await stub.register(record('2.0.0', 'a'))).toEqual({ format: 1, outcome: 'lost' })
    expect(await stub.register(record('2.0.0', 'b'))).toMatchObject({ outcome: 'published' })
  })

  it('of a model that no bundle has begin its release', async () => {
    const [name, targets] = [newName(), new FaultyTargets()]
    const reply = await inside(
      name,
      targets,
      async (own) => {
        for (const version of ['1.0.0', '1.1.0']) {
          own.reserve(version, version)
          await own.register(record(version, version))
        }
        await own.alarm()
        return own.read(MODEL, FIRST)
      },
      null,
    )
    expect(reply.release).toMatchObject({ revision: 1, stable: '1.0.0', fallback: null })
    expect(reply.history).toHaveLength(1)
    expect(targets.came).toEqual({ 'shard-0': [1], 'shard-1': [1], watch: [1], copy: [1] })
  })
})

/** Each command with those that lead to where it can be given. */
const COMMANDS: readonly (readonly [ReleaseCommand, ...ReleaseCommand[]])[] = [
  [CANARY],
  [{ command: 'shadow', version: '1.2.0' }],
  [{ command: 'promote' }, CANARY],
  [{ command: 'rollback', reason: 'r' }, CANARY],
  [{ command: 'switch', version: '1.2.0' }],
  [{ command: 'hold', reason: 'r', until: null }],
  [{ command: 'resume' }, { command: 'hold', reason: 'r', until: null }],
]

describe.each(COMMANDS.map(([command, ...before]) => ({ name: command.command, command, before })))(
  'an object killed in the middle of $name',
  ({ command, before }) => {
    /** The release that all commands before led to, and what the object of that name holds. */
    const prepared = async () => {
      const name = newName()
      await inside(name, new FaultyTargets(), async (controller) => {
        for (const step of before) changedBy(await controller.command(asked(step)))
      })
      const held = async () => {
        const { release, history } = await controllerOf(name).read(MODEL, FIRST)
        return { release, history }
      }
      return { name, held, old: await held() }
    }

    it('has the old release when the write fails between the release and its history', async () => {
      const { name, held, old } = await prepared()
      await inside(name, new FaultyTargets(), async (controller, { storage }) => {
        storage.sql.exec(
          "CREATE TRIGGER fault BEFORE INSERT ON changes BEGIN SELECT RAISE(ABORT, 'no space left'); END",
        )
        await expect(controller.command(asked(command))).rejects.toThrow('no space left')
        storage.sql.exec('DROP TRIGGER fault')
      })
      expect(await held()).toEqual(old)
    })

    /** Kills the real object as it begins to push, and returns what is left. */
    const killed = async (name: string, before: (state: DurableObjectState) => Promise<void> | void) => {
      const targets = new FaultyTargets()
      const dying = inside(name, targets, async (controller, state) => {
        targets.beforeDelivery = async () => {
          await before(state)
          state.abort('killed')
        }
        await controller.command(asked(command))
      })
      await expect(dying).rejects.toThrow()
      const { release, history } = await controllerOf(name).read(MODEL, FIRST)
      return { release, history }
    }

    it('has the old release when it dies before the write is on disk', async () => {
      const { name, old } = await prepared()
      expect(await killed(name, () => undefined)).toEqual(old)
    })

    it('has the new release, its history and its alarm when it dies before anybody has heard of it', async () => {
      const { name, old } = await prepared()
      const { release, history } = await killed(name, ({ storage }) => storage.sync())
      const revision = before.length + 1
      expect(history.map((change) => change.revision)).toEqual([
        revision,
        ...old.history.map((change) => change.revision),
      ])
      const { format, model, changedAt, revision: reached, ...state } = release as Release
      expect({ format, model, changedAt, revision: reached }).toEqual({
        format: 1,
        model: MODEL,
        changedAt: START,
        revision,
      })
      expect(history[0].after).toEqual(state)
      const again = new FaultyTargets()
      await inside(name, again, async (controller, { storage }) => {
        expect(await storage.getAlarm()).not.toBeNull()
        await controller.alarm()
      })
      expect(again.came).toEqual({ 'shard-0': [revision], 'shard-1': [revision], watch: [revision], copy: [revision] })
    })
  },
)
