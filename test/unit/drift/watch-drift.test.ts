/** Drift as the watch judges it hour by hour: on made-up hours, with the clock in the test's hand. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { HourCounts } from '../../../src/core/drift/window-counts.ts'
import { PROBABILITY_LAYOUT } from '../../../src/core/statistics/bin-counts.ts'
import { driftSchema } from '../../../src/protocol/drift.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { DRIFT_NOTE, versionNote } from '../../../src/serving/drift-note.ts'
import { FieldBinners } from '../../../src/serving/field-binners.ts'
import type { VersionReference } from '../../../src/serving/ports/drift-parts.ts'
import type { CommandRequest, ReleaseReply } from '../../../src/serving/ports/release-control.ts'
import { StoreGarbage } from '../../../src/serving/ports.ts'
import { DriftReader } from '../../../src/serving/read-drift.ts'
import type { ServedModel } from '../../../src/serving/served-model.ts'
import { driftedOf } from '../../../src/serving/watch-alerts.ts'
import { type DriftParts, driftDuty } from '../../../src/serving/watch-drift.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'
import { storedFixture } from '../../support/onnx-files.ts'
import { HOUR, MONDAY, profileOf } from './small-profile.ts'

const base = storedFixture('trees').manifest
const manifest = manifestSchema.parse({
  ...base,
  name: 'small',
  version: '1.0.0',
  outputs: base.outputs.map((output) => ({ ...output, name: 'p', kind: 'probability' })),
  coverage: {},
})
const EVEN = Array.from({ length: 20 }, () => 500)
const profile = profileOf({
  fields: [
    { name: 'sensor', kind: 'continuous', bins: { edges: [25, 50, 75] }, counts: () => [2500, 2500, 2500, 2500] },
  ],
  outputs: [{ name: 'p', layout: PROBABILITY_LAYOUT, counts: () => EVEN }],
})
const reference: VersionReference = { manifest, profile }
const stuck = { counts: [10_000, 0, 0, 0], missing: 0 }
const fine = { counts: [2_500, 2_500, 2_500, 2_500], missing: 0 }
const even = { counts: EVEN, missing: 0 }
const high = { counts: EVEN.map((_, bin) => (bin > 14 ? 2_000 : 0)), missing: 0 }

let clock: ManualClock
beforeEach(() => {
  clock = new ManualClock(MONDAY)
})

const watching = (given: Partial<DriftParts> = {}, released: Partial<ReleaseReply> = {}) => {
  const notes = new Map<string, string>()
  const kept = {
    read: (name: string): unknown => JSON.parse(notes.get(name) ?? 'null'),
    write: (name: string, value: unknown) =>
      void (value === null ? notes.delete(name) : notes.set(name, JSON.stringify(value))),
  }
  const blocks: HourCounts[] = []
  const lines: string[] = []
  const commands: CommandRequest[] = []
  const reply = { format: 1 as const, release: null, history: [], ...released }
  const duty = driftDuty({
    references: { read: async () => reference },
    hours: {
      read: async (_, __, from, until) => blocks.filter(({ startsAt }) => startsAt >= from && startsAt < until),
    },
    control: {
      read: async () => reply,
      command: async (request) => {
        commands.push(request)
        return { outcome: 'changed' } as never
      },
    },
    bundled: () => ({ stable: '1.0.0', versions: ['1.0.0'] }),
    models: async () => ['small'],
    isGuard: false,
    clock,
    timers: clock,
    log: (line) => lines.push(String(line)),
    deadlineMilliseconds: 2_000,
    ...given,
  })
  /** Counts what `of` says of each of the next hours, and runs the duty two minutes after each. */
  const pass = async (hours: number, of: Omit<HourCounts, 'startsAt'>): Promise<void> => {
    for (let hour = 0; hour < hours; hour++) {
      blocks.push({ startsAt: clock.epochMilliseconds() - (clock.epochMilliseconds() % HOUR), ...of })
      await clock.advance(HOUR - (clock.epochMilliseconds() % HOUR) + 120_000)
      await duty.run(kept, clock.epochMilliseconds())
    }
  }
  const reader = new DriftReader({ watch: { note: async (name) => kept.read(name) }, clock, deadlineMilliseconds: 100 })
  const read = async () => driftSchema.strict().parse(await reader.read())
  return { pass, read, kept, lines, commands, duty, blocks }
}

describe('the watch', () => {
  it('says nothing before an hour has ended, and finds nothing in hours like the reference', async () => {
    const { pass, read, duty, kept } = watching()
    expect(await read()).toEqual({ evaluated_at: null, stale: true, versions: [] })
    await duty.run(kept, MONDAY + HOUR - 1)
    await pass(3, { fields: { sensor: fine }, outputs: { p: even } })
    const { evaluated_at, stale, versions } = await read()
    expect([evaluated_at, stale]).toEqual([MONDAY + 3 * HOUR, false])
    expect(versions).toMatchObject([{ model_name: 'small', model_version: '1.0.0', reason: null }])
    const series = versions[0]?.windows.flatMap((window) =>
      window.series.map((one) => [window.name, one.name, one.status]),
    )
    expect(series).toEqual(
      ['1h', '24h', '7d'].flatMap((name) => [
        [name, 'sensor', 'stable'],
        [name, 'p', 'stable'],
      ]),
    )
    expect(driftedOf(kept.read(DRIFT_NOTE), MONDAY + 3 * HOUR)).toEqual([])
  })

  it('finds a sensor that is stuck within the hour, says since when, and tells the alerts', async () => {
    const { pass, read, kept } = watching()
    await pass(2, { fields: { sensor: fine }, outputs: { p: even } })
    await pass(1, { fields: { sensor: stuck }, outputs: { p: even } })
    const { versions } = await read()
    const [hour] = versions[0]?.windows ?? []
    expect(hour?.series[0]).toMatchObject({
      ...{ role: 'field', name: 'sensor', verdict: 'drifted', status: 'drifted', causes: ['shape'] },
      ...{ since: MONDAY + 3 * HOUR, current: [1, 0, 0, 0], expected: [0.25, 0.25, 0.25, 0.25] },
    })
    expect(driftedOf(kept.read(DRIFT_NOTE), MONDAY + 3 * HOUR)).toEqual([
      { model: 'small', version: '1.0.0', series: 'field:sensor' },
    ])
  })

  it.each([
    ['no profile', null, 'it has no reference profile'],
    [
      'a profile that counts an output in other bins',
      {
        manifest,
        profile: profileOf({
          outputs: [{ name: 'p', layout: { lowest: 0, highest: 2, bins: 20 }, counts: () => EVEN }],
        }),
      },
      'its profile counts "p" in other bins than the worker',
    ],
  ])('says why a version with %s is not judged', async (_, found, reason) => {
    const { pass, read } = watching({ references: { read: async () => found } })
    await pass(1, { fields: {}, outputs: { p: even } })
    expect((await read()).versions).toEqual([{ model_name: 'small', model_version: '1.0.0', reason, windows: [] }])
  })

  it('says why counts that do not fit, or a file that is no profile, are not judged', async () => {
    const unfit = watching()
    await unfit.pass(1, { fields: { sensor: { counts: [1, 2], missing: 0 } }, outputs: {} })
    expect((await unfit.read()).versions[0]?.reason).toContain('expected 4 bins as in the reference, got 2')
    const garbage = watching({ references: { read: () => Promise.reject(new StoreGarbage('it is none')) } })
    await garbage.pass(1, { fields: {}, outputs: {} })
    expect((await garbage.read()).versions[0]?.reason).toContain('it is none')
  })

  it('judges no part of the counts: while a shard is silent it keeps what it knew, and tries again', async () => {
    let isDown = false
    const watched = watching({
      hours: {
        read: async (_, __, from, until) => {
          if (isDown) throw new Error('3 of 4 statistics shards told their hours')
          return watched.blocks.filter(({ startsAt }) => startsAt >= from && startsAt < until)
        },
      },
    })
    const { pass, read, lines, duty, kept } = watched
    await pass(1, { fields: { sensor: fine }, outputs: { p: even } })
    isDown = true
    await pass(3, { fields: { sensor: stuck }, outputs: { p: even } })
    expect(await read()).toMatchObject({
      evaluated_at: MONDAY + HOUR,
      stale: true,
      versions: [{ model_name: 'small' }],
    })
    expect(lines[0]).toBe('the drift of small is not judged: Error: 3 of 4 statistics shards told their hours')
    isDown = false
    await duty.run(kept, clock.epochMilliseconds())
    expect((await read()).versions[0]?.windows[0]?.series[0]?.status).toBe('drifted')
  })

  it('waits for nothing that hangs', async () => {
    const { duty, kept, lines } = watching({ references: { read: () => new Promise(() => undefined) } })
    const run = duty.run(kept, MONDAY + 2 * HOUR)
    await clock.advance(10_000)
    await run
    expect(lines).toEqual(['the drift of small is not judged: Error: no answer in time'])
  })

  it('forgets a version that is released no more', async () => {
    const release = { model: 'small', stable: '1.0.0', canary: null, revision: 1, hold: null }
    const state = { ...release, canary: { version: '1.1.0', share: 0.1, since: 0 } }
    const reply = { format: 1, release: state, history: [] }
    const { pass, read, kept } = watching({
      control: { read: async () => reply as never, command: async () => null as never },
    })
    await pass(1, { fields: { sensor: fine }, outputs: { p: even } })
    expect((await read()).versions).toHaveLength(2)
    reply.release = release as never
    await pass(1, { fields: { sensor: fine }, outputs: { p: even } })
    expect((await read()).versions).toHaveLength(1)
    expect(kept.read(versionNote('small', '1.1.0'))).toBeNull()
  })
})

describe('drift as a guard rail', () => {
  const release = {
    ...{ format: 1, model: 'small', revision: 7, stable: '1.0.0', canary: { version: '1.1.0', share: 0.1, since: 0 } },
    ...{ shadow: null, fallback: null, hold: null, rolledBack: [], changedAt: 0 },
  } as ReleaseReply['release']
  const hoursOf = (ofStable: HourCounts['outputs'], ofCanary: HourCounts['outputs']): DriftParts['hours'] => ({
    read: async (_, version, __, until) => [
      { startsAt: until - HOUR, fields: {}, outputs: version === '1.1.0' ? ofCanary : ofStable },
    ],
  })

  it('rolls a canary back whose outputs drift while those of stable do not', async () => {
    const { pass, commands } = watching({ isGuard: true, hours: hoursOf({ p: even }, { p: high }) }, { release })
    await pass(1, { fields: {}, outputs: {} })
    expect(commands).toMatchObject([
      {
        model: 'small',
        command: { command: 'rollback', reason: 'drift of output:p', expectedRevision: 7 },
        actor: { kind: 'rule', name: 'drift' },
        evidence: { drifted: [{ key: 'output:p', since: MONDAY + HOUR, causes: ['shape'] }] },
      },
    ])
  })

  it('leaves the canary where stable cannot be judged', async () => {
    const references = { read: async (_: string, version: string) => (version === '1.0.0' ? null : reference) }
    const { pass, commands } = watching(
      { isGuard: true, references, hours: hoursOf({ p: even }, { p: high }) },
      { release },
    )
    await pass(2, { fields: {}, outputs: {} })
    expect(commands).toEqual([])
  })

  it.each([
    ['the world moves both', true, { p: high }, null],
    ['neither drifts', true, { p: even }, null],
    ['automatic moves are held', true, { p: even }, { reason: 'r', until: null, by: { kind: 'operator', name: 'o' } }],
    ['it is switched off', false, { p: even }, null],
  ])('leaves the canary where %s', async (why, isGuard, ofStable, hold) => {
    const ofCanary = why === 'neither drifts' ? { p: even } : { p: high }
    const held = { ...release, hold } as ReleaseReply['release']
    const { pass, commands } = watching({ isGuard, hours: hoursOf(ofStable, ofCanary) }, { release: held })
    await pass(2, { fields: {}, outputs: {} })
    expect(commands).toEqual([])
  })
})

const SERVED = { name: 'small', version: '1.0.0', computer: { names: ['sensor'] } } as unknown as ServedModel

describe('the bins of fields', () => {
  it('are read in the background, once, and the same ever after', async () => {
    let reads = 0
    const work: Promise<void>[] = []
    const references = {
      read: async () => {
        reads++
        return reference
      },
    }
    const binners = new FieldBinners(references, clock, clock, () => undefined)
    const of = () => binners.of(SERVED, (task) => void work.push(task as Promise<void>))
    expect([of(), of()]).toEqual([null, null])
    await Promise.all(work)
    expect(of()?.fields).toMatchObject([{ name: 'sensor', column: 0 }])
    expect(of()).toBe(of())
    expect(reads).toBe(1)
  })

  it('are asked for again a minute after they could not be had, and hold up nothing', async () => {
    const answers = [
      () => Promise.reject(new Error('down')),
      () => new Promise<never>(() => undefined),
      async () => reference,
    ]
    const lines: string[] = []
    const references = { read: () => (answers.shift() ?? answers[0])?.() as Promise<VersionReference> }
    const binners = new FieldBinners(references, clock, clock, (line) => lines.push(line))
    const of = () => binners.of(SERVED, () => undefined)
    expect(of()).toBeNull()
    await settle()
    expect(lines).toEqual(['the fields of small@1.0.0 are not counted: Error: down'])
    await clock.advance(60_000)
    expect(of()).toBeNull()
    await clock.advance(60_000)
    expect(lines).toHaveLength(2)
    expect(of()).toBeNull()
    await settle()
    expect(of()).not.toBeNull()
  })
})
