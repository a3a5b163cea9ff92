import { beforeEach, describe, expect, it } from 'vitest'
import { type BundledVersion, memoryModels } from '../../../src/adapters/memory-models.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { ModelFiles, ModelRepository } from '../../../src/serving/ports.ts'
import { checkReadiness, startSessions } from '../../../src/serving/readiness.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { HeldBackground } from '../../support/background.ts'
import { FakeRuntime, fakeFiles } from '../../support/fake-runtime.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const bundled = ({ manifest, model }: ModelFiles): BundledVersion => ({ manifest, model: new Uint8Array(model).buffer })

/** A repository that answers `load` only when told to, as one beyond a network does. */
class SlowModels implements ModelRepository {
  readonly loads: { readonly version: string; answer(): void; fail(error: Error): void }[] = []
  constructor(private readonly inner: ModelRepository) {}
  models = () => this.inner.models()
  versions = (model: string) => this.inner.versions(model)
  load: ModelRepository['load'] = (model, version, deadline) =>
    new Promise((resolve, reject) => {
      this.loads.push({
        version,
        answer: () => resolve(this.inner.load(model, version, deadline)),
        fail: reject,
      })
    })
}

describe('the session registry', () => {
  const models = memoryModels([bundled(fakeFiles('1.0.0')), bundled(fakeFiles('1.1.0'))])
  let clock: ManualClock
  let runtime: FakeRuntime
  let background: HeldBackground
  let slow: SlowModels

  const registryOf = (repository: ModelRepository): SessionRegistry =>
    new SessionRegistry(repository, runtime, clock, clock)
  const acquire = (registry: SessionRegistry, version = '1.0.0', milliseconds = 100) =>
    registry.acquire('adder', version, deadlineIn(clock, milliseconds), background.run)

  beforeEach(() => {
    clock = new ManualClock()
    runtime = new FakeRuntime()
    background = new HeldBackground()
    slow = new SlowModels(models)
  })

  it('loads a version once and leases it many times', async () => {
    const registry = registryOf(models)
    const leases = await Promise.all([acquire(registry), acquire(registry), acquire(registry)])
    expect(new Set(leases.map(({ model }) => model)).size).toBe(1)
    expect(runtime.opened).toBe(1)
    expect(await leases[0].model.loaded.predictRows({ numbers: Float64Array.of(4, 5), strings: null })).toEqual([
      { sum: 9 },
    ])
  })

  it('keeps versions apart', async () => {
    const registry = registryOf(models)
    const [a, b] = await Promise.all([acquire(registry, '1.0.0'), acquire(registry, '1.1.0')])
    expect([a.model.version, b.model.version]).toEqual(['1.0.0', '1.1.0'])
    expect(runtime.opened).toBe(2)
  })

  it('frees a retired version when the last lease has returned, once', async () => {
    const registry = registryOf(models)
    const [first, second] = await Promise.all([acquire(registry), acquire(registry)])
    registry.retire('adder', '1.0.0', background.run)
    expect(registry.has('adder', '1.0.0')).toBe(false)
    first.release()
    first.release()
    expect(runtime.released).toBe(0)
    expect(await second.model.loaded.predictRows({ numbers: Float64Array.of(1, 1), strings: null })).toEqual([
      { sum: 2 },
    ])
    second.release()
    await background.settled()
    expect(runtime.released).toBe(1)
    expect(background.failures).toEqual([])
  })

  it('frees a retired version at once when nobody uses it, and loads it anew when it is wanted again', async () => {
    const registry = registryOf(models)
    ;(await acquire(registry)).release()
    registry.retire('adder', '1.0.0', background.run)
    expect(runtime.released).toBe(1)
    const again = await acquire(registry)
    expect(runtime.opened).toBe(2)
    again.release()
    expect(runtime.released).toBe(1)
  })

  it('goes through 500 switches with two sessions open at most', async () => {
    const registry = registryOf(models)
    for (let cycle = 0; cycle < 500; cycle++) {
      const [now, before] = cycle % 2 === 0 ? ['1.1.0', '1.0.0'] : ['1.0.0', '1.1.0']
      const lease = await acquire(registry, now)
      registry.retire('adder', before, background.run)
      expect(runtime.opened - runtime.released).toBeLessThanOrEqual(2)
      lease.release()
    }
    await background.settled()
    expect(runtime.opened - runtime.released).toBe(1)
  })

  it('says when a model has no such version, which only the repository can tell', async () => {
    const registry = registryOf(slow)
    const told: string[] = []
    registry.onLoadFailure = (name, version) => told.push(`${name}@${version}`)
    const refused = expect(acquire(registry, '9.9.9')).rejects.toMatchObject({
      code: 'unknown_version',
      message: 'model "adder" has no version "9.9.9"',
    })
    slow.loads[0]?.answer()
    await refused
    expect(told).toEqual(['adder@9.9.9'])
  })

  it('lets each waiter wait for its own deadline, and keeps the version that came late', async () => {
    const registry = registryOf(slow)
    const [hasty, patient] = [acquire(registry, '1.0.0', 50), acquire(registry, '1.0.0', 900)]
    const refused = expect(hasty).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await clock.advance(60)
    await refused
    slow.loads[0]?.answer()
    expect((await patient).model.version).toBe('1.0.0')
    expect(slow.loads.length).toBe(1)
  })

  it('does not trust a load that began more than a second ago: its request may be gone', async () => {
    const registry = registryOf(slow)
    const lost = expect(acquire(registry, '1.0.0', 500)).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await clock.advance(1_100)
    await lost
    const next = acquire(registry)
    await settle()
    expect(slow.loads.length).toBe(2)
    slow.loads[1]?.answer()
    const lease = await next
    slow.loads[0]?.answer()
    await background.settled()
    expect([runtime.opened, runtime.released]).toEqual([2, 1])
    expect(await lease.model.loaded.predictRows({ numbers: Float64Array.of(1, 1), strings: null })).toEqual([
      { sum: 2 },
    ])
  })

  it('begins anew after a second for those who have time left', async () => {
    const registry = registryOf(slow)
    const [one, two] = [acquire(registry, '1.0.0', 5_000), acquire(registry, '1.0.0', 5_000)]
    await clock.advance(1_000)
    expect(slow.loads.length).toBe(2)
    slow.loads[1]?.answer()
    expect((await one).model).toBe((await two).model)
    expect(slow.loads.length).toBe(2)
  })

  it('keeps a version that arrives after everybody has given up', async () => {
    const registry = registryOf(slow)
    const lost = expect(acquire(registry, '1.0.0', 50)).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await clock.advance(60)
    await lost
    slow.loads[0]?.answer()
    await background.settled()
    expect(registry.has('adder', '1.0.0')).toBe(true)
  })

  it('tells those who wait within the same second of a failure, then tries again', async () => {
    const registry = registryOf(slow)
    const both = [acquire(registry), acquire(registry)].map((lease) =>
      expect(lease).rejects.toThrow('the store is down'),
    )
    slow.loads[0]?.fail(new Error('the store is down'))
    await Promise.all(both)
    await expect(acquire(registry)).rejects.toThrow('the store is down')
    expect(slow.loads.length).toBe(1)
    await clock.advance(1_000)
    const again = acquire(registry)
    await settle()
    slow.loads[1]?.answer()
    expect((await again).model.version).toBe('1.0.0')
    expect(background.failures).toEqual([])
  })

  it('frees a version that was retired while it was loaded', async () => {
    const registry = registryOf(slow)
    const waiting = expect(acquire(registry)).rejects.toMatchObject({ code: 'model_unavailable' })
    registry.retire('adder', '1.0.0', background.run)
    slow.loads[0]?.answer()
    await waiting
    expect([runtime.opened, runtime.released]).toEqual([1, 1])
    expect(registry.has('adder', '1.0.0')).toBe(false)
  })

  it('frees what a forgotten load brings after the version was retired', async () => {
    const registry = registryOf(slow)
    const waiting = acquire(registry, '1.0.0', 5_000)
    await clock.advance(1_000)
    slow.loads[1]?.answer()
    ;(await waiting).release()
    registry.retire('adder', '1.0.0', background.run)
    slow.loads[0]?.answer()
    await background.settled()
    expect([runtime.opened, runtime.released]).toEqual([2, 2])
    expect(registry.has('adder', '1.0.0')).toBe(false)
  })

  it('frees the session of a version whose features this build cannot compute', async () => {
    const odd = fakeFiles('2.0.0', {
      feature_view: {
        version: 1,
        fields: [
          { name: 'a', source: 'time' },
          { name: 'b', source: 'event' },
        ],
      },
    })
    await expect(acquire(registryOf(memoryModels([bundled(odd)])), '2.0.0')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('adder@2.0.0: '),
    })
    expect([runtime.opened, runtime.released]).toEqual([1, 1])
  })

  describe('and readiness', () => {
    const required = [{ name: 'adder', version: '1.0.0' }]
    const wrong = fakeFiles('1.0.0', { golden: [{ inputs: { a: 1, b: 2 }, outputs: { sum: 4 }, tolerance: 0.1 }] })

    it('is given once the golden rows have passed', async () => {
      const registry = registryOf(models)
      expect(await startSessions(registry, required)).toEqual({ ready: true, reasons: [] })
      expect(await checkReadiness(registry, required, deadlineIn(clock, 100), background.run)).toEqual({
        ready: true,
        reasons: [],
      })
      expect(runtime.opened).toBe(1)
      expect(clock.sleeping).toBe(0)
    })

    it('loads what a start at module scope has not', async () => {
      const registry = registryOf(models)
      expect(await checkReadiness(registry, required, deadlineIn(clock, 100), background.run)).toEqual({
        ready: true,
        reasons: [],
      })
      expect(registry.has('adder', '1.0.0')).toBe(true)
    })

    it('names the version and both values where a golden row differs, at the start and later', async () => {
      const registry = registryOf(memoryModels([bundled(wrong)]))
      const reasons = ['adder@1.0.0: golden[0]: output "sum" is 3 and should be 4, give or take 0.1']
      expect(await startSessions(registry, required)).toEqual({ ready: false, reasons })
      expect(await checkReadiness(registry, required, deadlineIn(clock, 100), background.run)).toEqual({
        ready: false,
        reasons,
      })
      expect([runtime.opened, runtime.released]).toEqual([1, 1])
    })

    it('waits no longer than its deadline', async () => {
      const answer = checkReadiness(registryOf(slow), required, deadlineIn(clock, 100), background.run)
      await clock.advance(100)
      expect(await answer).toEqual({ ready: false, reasons: ['adder@1.0.0 was not loaded in time'] })
    })
  })

  describe('and bundled models', () => {
    it('are listed from old to new, with their manifests', () => {
      expect([models.models(), models.versions('adder'), models.versions('none')]).toEqual([
        ['adder'],
        ['1.0.0', '1.1.0'],
        [],
      ])
      expect(models.manifest('adder', '1.1.0')?.version).toBe('1.1.0')
      expect(models.manifest('adder', '3.0.0')).toBe(null)
    })

    it('are refused when one is no manifest or stands there twice', () => {
      const one = bundled(fakeFiles('1.0.0'))
      expect(() => memoryModels([one, one])).toThrow('adder@1.0.0 is bundled twice')
      expect(() => memoryModels([{ ...one, manifest: { name: 'x' } }])).toThrow('version')
    })
  })
})
