import { describe, expect, it } from 'vitest'
import type { StatisticsDelta } from '../../../src/core/statistics/delta.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { canaryOf, eventOf, releaseIsolate, releaseOf, unitsOf } from '../../support/release-isolate.ts'

const withShadow = releaseOf(1, { shadow: { version: '1.1.0', since: 1 } })
const withCanary = releaseOf(1, { canary: canaryOf('1.1.0', 0.5) })
/** Sums lie around 3; from 3.5 on they stand for another decision. */
const changes = {
  outputs: [{ name: 'sum', datatype: 'FP32' as const, shape: [-1, 1], kind: 'value' as const, threshold: 3.5 }],
}

const evidenceIn = (deltas: readonly StatisticsDelta[]) => deltas.flatMap(({ evidence }) => evidence)

describe('a shadow', () => {
  it('runs after the answer on the same events, and answers nobody', async () => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate({ changes })
    runtime.offsets['1.1.0'] = 0.25
    await hear(withShadow)
    const runs = runtime.runs.length
    const answers = await predictAll(unitsOf(3))
    expect(answers).toMatchObject(Array(3).fill({ model_version: '1.0.0', outputs: { sum: 3 } }))
    expect(runtime.runs.slice(runs)).toEqual([3])
    await clock.advance(0)
    expect(runtime.runs.slice(runs)).toEqual([3, 3])
    await clock.advance(2_000)
    const report = await memory.read('5m')
    expect(report.pairs).toMatchObject([
      {
        model_name: 'adder',
        first: '1.0.0',
        other: '1.1.0',
        events: 3,
        skipped: 0,
        outputs: {
          sum: { count: 3, mean_difference: 0.25, maximum_difference: 0.25, decisions: 3, changed_share: 0 },
        },
      },
    ])
    expect(report.models.adder.versions['1.1.0']).toBeUndefined()
    expect(evidenceIn(memory.sent)).toEqual([])
    expect(memory.sent.flatMap((delta) => delta.compared)).toEqual([])
  })

  it('is given its own features of the same event, with the zips that only it asks for', async () => {
    const fields = [
      { name: 'a', source: 'event' as const, default: null },
      { name: 'distance_km', source: 'distance' as const, from: 'shipFromZip' },
    ]
    const apart: Partial<Manifest> = {
      feature_view: { version: 2, fields },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2], fields: ['a', 'distance_km'] }],
      golden: [{ inputs: { a: 1, distance_km: 2 }, outputs: { sum: 3 }, tolerance: 1e-6 }],
    }
    const { ask, clock, hear, memory } = releaseIsolate({ changesOf: { '1.1.0': apart } })
    await hear(withShadow)
    const answer = await ask({ ...eventOf('s-1'), zipCode: '94107', shipFromZip: '10001' })
    expect(await answer.json()).toMatchObject({ outputs: { sum: 3 } })
    await clock.advance(2_000)
    const [pair] = (await memory.read('5m')).pairs
    // San Francisco to New York are 4,130 km.
    expect(pair.outputs.sum.mean_difference).toBeGreaterThan(4_000)
    expect(pair.outputs.sum.mean_difference).toBeLessThan(4_200)
  })

  it('counts the decisions it changes, and what it fails alone', async () => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate({ changes })
    runtime.offsets['1.1.0'] = 1
    await hear(withShadow)
    await predictAll(unitsOf(4))
    await clock.advance(0)
    runtime.offsets['1.1.0'] = Number.NaN
    await predictAll(unitsOf(2))
    await clock.advance(2_000)
    expect((await memory.read('5m')).pairs).toMatchObject([
      { events: 6, first_failed: 0, other_failed: 2, both_failed: 0, outputs: { sum: { count: 4, changed_share: 1 } } },
    ])
  })

  it('is skipped while the isolate is behind, and while it is not in memory', async () => {
    const { clock, hear, memory, predictAll, sessions } = releaseIsolate()
    await hear(withShadow)
    await predictAll(unitsOf(1_000))
    await clock.advance(0)
    await predictAll(unitsOf(20))
    sessions.retire('adder', '1.1.0', () => undefined)
    await clock.advance(2_000)
    expect((await memory.read('5m')).pairs).toMatchObject([{ events: 512, skipped: 488 + 20 }])
  })

  it('is run by a later request when the one that should have run it has died', async () => {
    const { clock, hear, memory, predict } = releaseIsolate()
    await hear(withShadow)
    const sleep = clock.sleep.bind(clock)
    clock.sleep = (milliseconds) => (milliseconds === 0 ? new Promise(() => {}) : sleep(milliseconds))
    await predict()
    clock.sleep = sleep
    await clock.advance(900)
    await predict()
    await clock.advance(100)
    expect((await memory.read('5m')).pairs).toEqual([])
    await predict()
    await clock.advance(2_000)
    expect((await memory.read('5m')).pairs).toMatchObject([{ events: 3, skipped: 0 }])
  })

  it('takes no more than its part of the CPU between two flushes', async () => {
    const { clock, hear, memory, predictAll } = releaseIsolate()
    await hear(withShadow)
    for (let request = 0; request < 10; request++) {
      await predictAll(unitsOf(500))
      await clock.advance(0)
    }
    await clock.advance(2_000)
    expect((await memory.read('5m')).pairs).toMatchObject([{ events: 2_000, skipped: 3_000 }])
  })
})

describe('a canary', () => {
  it('is paired with stable on its own events, as evidence that names no unit', async () => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate({ changes })
    runtime.offsets['1.1.0'] = 1
    await hear(withCanary)
    const units = unitsOf(40)
    const answers = await predictAll(units)
    const canaries = answers.filter((answer) => 'model_version' in answer && answer.model_version === '1.1.0').length
    await clock.advance(2_000)
    const [evidence] = evidenceIn(memory.sent)
    expect(evidence).toMatchObject({
      model: 'adder',
      canary: '1.1.0',
      stable: '1.0.0',
      since: withCanary.canary?.since,
    })
    expect(evidence.decisions.units).toHaveLength(canaries)
    expect(evidence.decisions.values).toEqual(Array(canaries).fill(1))
    expect(JSON.stringify(memory.sent)).not.toContain('visitor-')
    const [compared] = memory.sent.flatMap((delta) => delta.compared)
    expect(compared).toMatchObject({ canary: '1.1.0', outputs: [{ name: 'sum', kind: 'value', range: null }] })
    expect(compared.events).toHaveLength(canaries)
    expect(compared.events.map(({ unit }) => unit).sort((a, b) => a - b)).toEqual(evidence.decisions.units)
    expect((await memory.read('5m')).pairs).toMatchObject([
      { first: '1.0.0', other: '1.1.0', events: canaries, outputs: { sum: { mean_difference: 1 } } },
    ])
    expect(memory.counts.versions['adder@1.1.0'].predictions).toBe(canaries)
  })

  it('has what only it fails counted against it, and nothing of what the caller did', async () => {
    const { ask, clock, hear, memory, predictAll, runtime } = releaseIsolate({
      changes: { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2], fields: ['a', 'b'] }] },
    })
    runtime.offsets['1.1.0'] = Number.NaN
    await hear(withCanary)
    const answers = await predictAll(unitsOf(40))
    const failed = answers.filter((answer) => 'error' in answer)
    expect(failed.length).toBeGreaterThan(5)
    expect(failed[0]).toMatchObject({ error: { code: 'model_failed' } })
    await ask(unitsOf(5).map((unit) => ({ ...eventOf(unit), createdDateTime: 'never' })))
    await clock.advance(2_000)
    const [evidence] = evidenceIn(memory.sent)
    expect(evidence.failures.units).toHaveLength(failed.length)
    expect(evidence.failures.values.every((value) => value > 0)).toBe(true)
    expect((await memory.read('5m')).pairs).toMatchObject([{ other_failed: failed.length, first_failed: 0 }])
  })

  it('has what both said of an event kept, under a hash of its id, for when its outcome is reported', async () => {
    const ranged = { outputs: changes.outputs, coverage: { sum: [0, 10] as [number, number] } }
    const { ask, clock, hear, memory, runtime } = releaseIsolate({ changes: ranged })
    runtime.offsets['1.1.0'] = 1
    await hear(withCanary)
    const units = unitsOf(40)
    await ask(units.map((unit, number) => ({ ...eventOf(unit), id: `order-${number}` })))
    await clock.advance(2_000)
    const [compared] = memory.sent.flatMap((delta) => delta.compared)
    expect(compared.outputs).toEqual([{ name: 'sum', kind: 'value', range: [0, 10] }])
    expect(new Set(compared.events.map(({ event }) => event)).size).toBe(compared.events.length)
    expect(compared.events[0]).toMatchObject({ canary: [4], stable: [3] })
    expect(JSON.stringify(memory.sent)).not.toMatch(/order-|visitor-/)
  })

  it.each([
    ['slow, where it takes longer than stable on the same batch', 60, 1],
    ['not slow, where it does not', 6, 0],
  ])('is found %s: one vote, however many events the batch has', async (_, milliseconds, vote) => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate({ changes })
    await hear(withCanary)
    await predictAll(unitsOf(40))
    runtime.beforeRun = (version) => clock.sleep(version === '1.1.0' ? milliseconds : 5)
    await clock.advance(2_000)
    const [{ latency, decisions }] = evidenceIn(memory.sent)
    expect(latency.values).toEqual([vote])
    expect(decisions.units).toContain(latency.units[0])
    expect(decisions.units.length).toBeGreaterThan(10)
  })

  it('is as often timed before stable as after it, so that what slows one of two runs down speaks against neither', async () => {
    let coin = 0
    const random = () => coin
    const { clock, hear, memory, predict, runtime } = releaseIsolate({ changes, env: { LATENCY_SAMPLE: '1' }, random })
    await hear(withCanary)
    const votes: number[] = []
    for (const [round, unit] of unitsOf(40).entries()) {
      coin = round % 2 === 0 ? 0 : 0.99
      const answer = await predict(unit)
      if (answer.model_version !== '1.1.0') continue
      let runs = 0
      runtime.beforeRun = () => clock.sleep(runs++ === 0 ? 5 : 60)
      await clock.advance(2_000)
      runtime.beforeRun = () => Promise.resolve()
      const vote = evidenceIn(memory.sent).at(-1)?.latency.values.at(-1)
      expect(vote).toBe(coin === 0 ? 0 : 1)
      votes.push(vote ?? Number.NaN)
    }
    expect(new Set(votes)).toEqual(new Set([0, 1]))
  })

  it('has no latency where the clock stands still', async () => {
    const { clock, hear, memory, predictAll } = releaseIsolate({ changes })
    await hear(withCanary)
    await predictAll(unitsOf(40))
    await clock.advance(2_000)
    const [{ latency }] = evidenceIn(memory.sent)
    expect(latency.units).toEqual([])
  })

  it('that fails an event has nothing of it kept', async () => {
    const { clock, hear, memory, predictAll, runtime } = releaseIsolate({ changes })
    runtime.offsets['1.1.0'] = Number.NaN
    await hear(withCanary)
    await predictAll(unitsOf(40))
    await clock.advance(2_000)
    expect(memory.sent.flatMap((delta) => delta.compared)).toEqual([])
  })

  it('asked for by name gives no evidence', async () => {
    const { ask, clock, hear, memory } = releaseIsolate()
    await hear(withCanary)
    await ask(eventOf('s-1'), '/v1/models/adder/versions/1.1.0/predict')
    await clock.advance(2_000)
    expect(evidenceIn(memory.sent)).toEqual([])
  })
})
