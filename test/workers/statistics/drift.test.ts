/** Drift from predictions through the real statistics objects and a real watch to GET /v1/drift. */
import {
  createExecutionContext,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bundledModels } from '../../../src/adapters/bundled-models.ts'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { versionHours } from '../../../src/adapters/version-hours.ts'
import { versionReferences } from '../../../src/adapters/version-references.ts'
import { type Watches, watchClient } from '../../../src/adapters/watch-client.ts'
import { FieldBinner } from '../../../src/core/drift/field-binner.ts'
import { binCount } from '../../../src/core/profile/reference-profile.ts'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import { HOUR, MINUTE } from '../../../src/core/statistics/rollup.ts'
import { createDriftDuty } from '../../../src/drift-services.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { Watch } from '../../../src/durable/watch.ts'
import { createApp } from '../../../src/http/app.ts'
import { type Drift, driftSchema } from '../../../src/protocol/drift.ts'
import { createServices } from '../../../src/services.ts'
import { probabilities } from '../../support/statistics.ts'

const { READ_TOKEN, WATCH, STATS_AGGREGATOR, MODELS } = env as unknown as {
  READ_TOKEN: string
  WATCH: DurableObjectNamespace<Watch>
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
  MODELS: R2Bucket
}
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. A Monday. */
const START = Date.UTC(2041, 9, 7, 12)
const soon = () => ({ remainingMilliseconds: () => 5_000 })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A delta of `events` events of late-arrival, all alike. */
const deltaWith = async (isolate: string, sequence: number, events: number, at: number) => {
  const reference = await versionReferences(bundledModels, MODELS, systemTimers).read('late-arrival', '1.0.0', soon())
  const fields = reference?.profile.fields ?? []
  const binner = new FieldBinner(
    fields,
    fields.map(({ name }) => name),
  )
  const builder = new DeltaBuilder(probabilities)
  for (let event = 0; event < events; event++) {
    const row = { binner, numbers: fields.map(() => 1), row: 0 }
    builder.prediction('late-arrival', '1.0.0', { late_probability: 0.2 }, [], at, row)
  }
  return builder.toDelta({ isolate, sequence, codeVersion: 'c' })
}

describe('the hours of a version', () => {
  it('are exact, before and after minutes have become hours, and merge over shards', async () => {
    const [a, b] = [STATS_AGGREGATOR.getByName(crypto.randomUUID()), STATS_AGGREGATOR.getByName(crypto.randomUUID())]
    await a.apply(await deltaWith('a', 1, 10, START))
    vi.setSystemTime(START + 2 * HOUR + MINUTE)
    await a.apply(await deltaWith('a', 2, 20, START + 2 * HOUR))
    await a.apply(await deltaWith('a', 3, 7, START + 2 * HOUR + MINUTE))
    await b.apply(await deltaWith('b', 1, 5, START + 2 * HOUR))
    const sums = async () => {
      const { blocks } = await a.hours('late-arrival', '1.0.0', START, START + 3 * HOUR)
      return blocks.map(({ startsAt, fields, outputs }) => [
        startsAt - START,
        ...[fields.latitude, outputs.late_probability].map((one) => one?.counts.reduce((sum, count) => sum + count, 0)),
      ])
    }
    const expected = [
      [0, 10, 10],
      [2 * HOUR, 27, 27],
    ]
    expect(await sums()).toEqual(expected)
    await runDurableObjectAlarm(a)
    expect(await sums()).toEqual(expected)
    const reader = versionHours({ getByName: (name) => (name === 'shard-0' ? a : b) as never }, 2, systemTimers)
    const blocks = await reader.read('late-arrival', '1.0.0', START, START + 3 * HOUR, soon())
    expect(blocks.map(({ startsAt }) => startsAt - START)).toEqual([0, 2 * HOUR, 2 * HOUR])
    const part = versionHours(
      {
        getByName: (name) => (name === 'shard-0' ? a : { hours: () => Promise.reject(new TypeError('old')) }) as never,
      },
      2,
      systemTimers,
    )
    await expect(part.read('late-arrival', '1.0.0', START, START + HOUR, soon())).rejects.toThrow('1 of 2')
  })

  it('say nothing of the running hour, of other versions, and of more than a week', async () => {
    const shard = STATS_AGGREGATOR.getByName(crypto.randomUUID())
    await shard.apply(await deltaWith('a', 1, 10, START))
    expect((await shard.hours('late-arrival', '1.0.0', START, START + MINUTE)).blocks).toEqual([])
    expect((await shard.hours('late-arrival', '2.0.0', START, START + HOUR)).blocks).toEqual([])
    expect((await shard.hours('late-arrival', '1.0.0', 0, START + 169 * HOUR)).blocks).toEqual([])
  })
})

it('a field that never varies is found from real predictions, and shown', async () => {
  const name = crypto.randomUUID()
  const watch = watchClient({ getByName: () => WATCH.getByName(name) } as unknown as Watches, systemTimers)
  const services = createServices(env as unknown as Env, { watch: () => watch })
  const app = createApp(() => services)
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const context = createExecutionContext()
    const response = await app.request(path, init, env, context)
    await waitOnExecutionContext(context)
    return response
  }
  const read = async (): Promise<Drift> =>
    driftSchema
      .strict()
      .parse(await (await call('/v1/drift', { headers: { authorization: `Bearer ${READ_TOKEN}` } })).json())
  expect((await call('/v1/drift')).status).toBe(401)
  expect(await read()).toEqual({ evaluated_at: null, stale: true, versions: [] })
  const events = Array.from({ length: 1_000 }, () => `{"createdDateTime":${START},"zipCode":"94107"}`)
  // The first brings the bins of the fields, in the background.
  for (let batch = 0; batch < 3; batch++)
    expect((await call('/v1/predict', { method: 'POST', body: `[${events.join()}]` })).status).toBe(200)
  vi.setSystemTime(START + HOUR + 3 * MINUTE)
  const lines: string[] = []
  const bundled = () => ({ stable: '1.0.0', versions: ['1.0.0'] })
  await runInDurableObject(WATCH.getByName(name), async (_, state) => {
    // A machine that is busy with tests is no edge.
    const patient = { ...env, STATS_DEADLINE_MILLISECONDS: '30000' } as unknown as Env
    const duty = createDriftDuty(patient, bundled, (line) => lines.push(String(line)))
    const own = new Watch(state as unknown as DurableObjectState, env, { look: async () => null, duties: [] })
    await duty.run(
      {
        read: (note) => JSON.parse(own.note(note).note ?? 'null') as unknown,
        write: (note, value) =>
          void state.storage.sql.exec('INSERT OR REPLACE INTO notes VALUES (?, ?)', note, JSON.stringify(value)),
      },
      Date.now(),
    )
  })
  expect(lines).toEqual([])
  const { versions } = await read()
  const served = versions.find(({ model_name }) => model_name === 'late-arrival')
  const hour = served?.windows.find((window) => window.name === '1h')
  const latitude = hour?.series.find((series) => series.name === 'latitude')
  expect(latitude).toMatchObject({ role: 'field', verdict: 'drifted', status: 'drifted', causes: ['shape'] })
  expect(latitude?.events).toBeGreaterThanOrEqual(2_000)
  expect(latitude?.current).toHaveLength(20)
  expect(binCount(latitude?.bins as never)).toBe(20)
})
