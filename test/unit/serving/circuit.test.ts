import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, type Circuit, type CircuitSettings, CLOSED, failed, succeeded } from '../../../src/core/circuit.ts'
import { deadlineIn, type Instant } from '../../../src/core/clock.ts'
import { Failure } from '../../../src/core/failure.ts'
import {
  guardedEventObjects,
  guardedProfiles,
  guardedReleaseStore,
  guardedVersions,
  guardedZipStore,
  retriedVersions,
  StoreCircuit,
  StoreSkipped,
} from '../../../src/serving/circuit.ts'
import type { VersionObjects } from '../../../src/serving/ports/version-objects.ts'
import { StoreGarbage } from '../../../src/serving/ports.ts'
import { fakeFiles } from '../../support/fake-runtime.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const SETTINGS: CircuitSettings = { failures: 3, restMilliseconds: 1_000 }
const at = (milliseconds: number): Instant => milliseconds as Instant

/** A step of a random history: time passes, a call is tried, or the oldest call under way ends. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.nat(1_500) }),
    fc.record({ kind: fc.constant('call' as const) }),
    fc.record({ kind: fc.constant('end' as const), isOk: fc.boolean() }),
  ),
  { maxLength: 200 },
)

const failTimes = (times: number): Circuit => {
  let circuit = CLOSED
  for (let time = 0; time < times; time++) circuit = failed(circuit, circuit.generation, at(0), SETTINGS)
  return circuit
}

describe('a circuit', () => {
  it('opens after so many failures in a row, and not when a success lies between', () => {
    expect(admit(failTimes(2), at(0), SETTINGS).mayCall).toBe(true)
    expect(admit(failTimes(3), at(999), SETTINGS).mayCall).toBe(false)
    const mended = failed(succeeded(failTimes(2), 0), 0, at(0), SETTINGS)
    expect(mended).toMatchObject({ failures: 1, restsUntil: null })
  })

  it('lets one probe through after its rest, and another one after a rest more when that hangs', () => {
    const { circuit, mayCall } = admit(failTimes(3), at(1_000), SETTINGS)
    expect(mayCall).toBe(true)
    expect(admit(circuit, at(1_999), SETTINGS).mayCall).toBe(false)
    expect(admit(circuit, at(2_000), SETTINGS).mayCall).toBe(true)
  })

  it('closes when the probe succeeds, and rests again when it fails', () => {
    const { circuit } = admit(failTimes(3), at(1_000), SETTINGS)
    expect(succeeded(circuit, circuit.generation)).toMatchObject({ failures: 0, restsUntil: null })
    const again = failed(circuit, circuit.generation, at(1_500), SETTINGS)
    expect(admit(again, at(2_499), SETTINGS).mayCall).toBe(false)
    expect(admit(again, at(2_500), SETTINGS).mayCall).toBe(true)
  })

  it('takes no word of a call that began before it opened or closed', () => {
    const open = failTimes(3)
    expect(succeeded(open, 0)).toBe(open)
    expect(failed(open, 0, at(500), SETTINGS)).toBe(open)
  })

  it('never lets two calls through within one rest while it is open, and never shuts for good, whatever happens', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let circuit = CLOSED
        let now = 0
        let lastProbe = Number.NEGATIVE_INFINITY
        const underway: number[] = []
        for (const step of history) {
          if (step.kind === 'pass') now += step.milliseconds
          else if (step.kind === 'call') {
            const isOpen = circuit.restsUntil !== null
            const admitted = admit(circuit, at(now), SETTINGS)
            circuit = admitted.circuit
            if (admitted.mayCall) underway.push(circuit.generation)
            if (admitted.mayCall && isOpen) {
              expect(now - lastProbe).toBeGreaterThanOrEqual(SETTINGS.restMilliseconds)
              lastProbe = now
            }
          } else {
            const generation = underway.shift()
            if (generation === undefined) continue
            circuit = step.isOk ? succeeded(circuit, generation) : failed(circuit, generation, at(now), SETTINGS)
          }
          if (circuit.restsUntil === null) expect(circuit.failures).toBeLessThan(SETTINGS.failures)
          expect(admit(circuit, at(now + SETTINGS.restMilliseconds), SETTINGS).mayCall).toBe(true)
        }
      }),
    )
  })
})

describe('a store behind a circuit', () => {
  const make = () => {
    const clock = new ManualClock()
    const log: string[] = []
    const circuit = new StoreCircuit({
      store: 'the store',
      settings: () => SETTINGS,
      clock,
      timers: clock,
      log: (line) => log.push(line),
    })
    const ask = (call: () => Promise<string>) => circuit.through(call, deadlineIn(clock, 100)).catch((error) => error)
    return { clock, log, circuit, ask }
  }
  const down = () => Promise.reject(new Error('down'))
  const hangs = () => new Promise<string>(() => undefined)

  it('is left alone after failures in a row, and tried again by one call, which says so', async () => {
    const { ask, clock, log } = make()
    for (let call = 0; call < 3; call++) expect(await ask(down)).toMatchObject({ message: 'down' })
    let calls = 0
    const counted = () => Promise.resolve(String(++calls))
    expect(await ask(counted)).toBeInstanceOf(StoreSkipped)
    expect(calls).toBe(0)
    await clock.advance(1_000)
    expect(await ask(counted)).toBe('1')
    await settle()
    expect(await ask(counted)).toBe('2')
    expect(log).toEqual(['the store failed 3 times in a row and is left alone for a while', 'the store answers again'])
  })

  it('that hangs counts as failed at the deadline of the call, and its late value still arrives', async () => {
    const { ask, clock, circuit } = make()
    let answer: (value: string) => void = () => undefined
    const late = circuit.through(() => new Promise<string>((resolve) => (answer = resolve)), deadlineIn(clock, 100))
    for (let call = 0; call < 2; call++) void ask(hangs)
    await clock.advance(100)
    expect(await ask(down)).toBeInstanceOf(StoreSkipped)
    answer('late')
    expect(await late).toBe('late')
    expect(await ask(down)).toBeInstanceOf(StoreSkipped)
  })

  it('is not held up by a probe that hangs', async () => {
    const { ask, clock } = make()
    for (let call = 0; call < 3; call++) await ask(down)
    await clock.advance(1_000)
    void ask(hangs)
    expect(await ask(hangs)).toBeInstanceOf(StoreSkipped)
    await clock.advance(1_100)
    expect(await ask(() => Promise.resolve('up'))).toBe('up')
  })

  it('that answers with garbage is up', async () => {
    const { ask } = make()
    for (let call = 0; call < 9; call++) await ask(() => Promise.reject(new StoreGarbage('no version')))
    expect(await ask(() => Promise.resolve('up'))).toBe('up')
  })

  it('of events, of zips and of releases says in its own words that it is left alone', async () => {
    const { circuit, clock } = make()
    const fails = () => Promise.reject(new Failure('archive_unavailable', 'down'))
    const events = guardedEventObjects({ put: fails, get: fails, list: fails, delete: fails }, circuit)
    const soon = deadlineIn(clock, 100)
    for (let call = 0; call < 3; call++) await expect(events.put('key', new Uint8Array(), soon)).rejects.toThrow('down')
    for (const refused of [events.get('key', soon), events.list('', null, 1, soon), events.delete(['key'], soon)]) {
      await expect(refused).rejects.toMatchObject({
        code: 'archive_unavailable',
        message: 'the store has just failed 3 times and is left alone',
      })
    }
    const zips = guardedZipStore({ read: () => Promise.resolve(new Map()) }, circuit)
    await expect(zips.read(['941'], soon)).rejects.toMatchObject({ name: 'ZipStoreFault', kind: 'skipped' })
    const releases = guardedReleaseStore({ read: () => Promise.resolve(null) }, circuit)
    await expect(releases.read('adder', soon)).rejects.toBeInstanceOf(StoreSkipped)
    const profiles = guardedProfiles({ read: () => Promise.resolve(null) }, circuit)
    await expect(profiles.read('adder', '1.0.0', soon)).rejects.toBeInstanceOf(StoreSkipped)
  })

  it('of versions is asked twice where it failed, and once for what is no version or when it is left alone', async () => {
    const { clock, circuit } = make()
    const answers: (() => Promise<ReturnType<typeof fakeFiles> | null>)[] = []
    let loads = 0
    const objects: VersionObjects = {
      write: () => Promise.resolve(),
      load: () => {
        loads++
        return (answers.shift() ?? (() => Promise.resolve(fakeFiles('1.0.0'))))()
      },
    }
    const broken = (cause?: Error) => () =>
      Promise.reject(new Failure('model_unavailable', 'broken', undefined, { cause }))
    const guarded = guardedVersions(objects, circuit)
    const retried = retriedVersions(guarded, { clock, timers: clock, random: () => 0 })
    const load = async () => {
      const loaded = retried.load('adder', '1.0.0', deadlineIn(clock, 1_000)).catch((error: unknown) => error)
      await clock.advance(100)
      return loaded
    }
    answers.push(broken())
    expect(await load()).toMatchObject({ manifest: { version: '1.0.0' } })
    expect(loads).toBe(2)
    answers.push(broken(new StoreGarbage('its graph is missing')))
    expect(await load()).toMatchObject({ message: 'broken' })
    expect(loads).toBe(3)
    answers.push(broken(), broken())
    await load()
    answers.push(broken())
    expect(await load()).toMatchObject({ message: expect.stringContaining('left alone') })
    expect(loads).toBe(6)
    expect(await load()).toMatchObject({ code: 'model_unavailable', message: expect.stringContaining('left alone') })
    expect(loads).toBe(6)
  })
})
