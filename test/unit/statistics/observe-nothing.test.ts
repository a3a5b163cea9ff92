import { describe, expect, it } from 'vitest'
import { Observer } from '../../../src/serving/observe.ts'
import { countNothing, NothingObserver } from '../../../src/serving/observe-nothing.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { canaryOf, MemoryReleaseStore, releaseIsolate, releaseOf, unitsOf } from '../../support/release-isolate.ts'
import { deltaOf } from '../../support/statistics.ts'

const methodsOf = (prototype: object): readonly string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [name] : [],
  )

/** An isolate that observes nothing and finds `store`. */
const unobserving = (store = new MemoryReleaseStore()) => {
  const clock = new ManualClock()
  return { store, ...releaseIsolate({ clock, store, env: { OBSERVE: 'off', LATENCY_SAMPLE: '1' } }) }
}

describe('with OBSERVE=off', () => {
  it('every method of the observer has a twin that keeps nothing', () => {
    expect([...methodsOf(NothingObserver.prototype)].sort()).toEqual([...methodsOf(Observer.prototype)].sort())
  })

  it('predictions are answered, nothing is sent, no timer is set, and the log says once that nothing is counted', async () => {
    const { ask, clock, memory, log, predict } = unobserving()
    expect((await predict()).model_version).toBe('1.0.0')
    expect((await ask({ zipCode: '94107' })).status).toBe(422)
    await clock.advance(60_000)
    expect(memory.sent).toEqual([])
    expect(clock.sleeping).toBe(0)
    expect(log.filter((line) => line.startsWith('OBSERVE is off'))).toHaveLength(1)
  })

  it('a release reaches the isolate through the store, half a minute late at most', async () => {
    const { clock, inMemory, predict, store } = unobserving()
    await predict()
    store.release = releaseOf(2, { stable: '1.1.0' })
    await clock.advance(30_000)
    await predict()
    await inMemory(['1.1.0'])
    expect((await predict()).model_version).toBe('1.1.0')
  })

  it('no canary gets traffic, since nobody would judge it', async () => {
    const store = new MemoryReleaseStore()
    store.release = releaseOf(2, { canary: canaryOf('1.1.0', 0.5) })
    const { predictAll, inMemory } = unobserving(store)
    await predictAll(unitsOf(1))
    await inMemory(['1.1.0'])
    const answers = await predictAll(unitsOf(40))
    expect(new Set(answers.map((answer) => 'model_version' in answer && answer.model_version))).toEqual(
      new Set(['1.0.0']),
    )
  })

  it('no message is delivered again for the sake of its counts', async () => {
    const reply = await countNothing.count([deltaOf('a', 1, 3, 0)], { at: 0 } as never)
    expect(reply).toEqual({ counted: [true], news: [] })
  })
})
