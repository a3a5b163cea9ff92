/** Alerts from the real statistics objects through a real watch to GET /v1/alerts. */
import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { type Watches, watchClient } from '../../../src/adapters/watch-client.ts'
import { createAlertDuties } from '../../../src/alert-services.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import { Watch } from '../../../src/durable/watch.ts'
import { createApp } from '../../../src/http/app.ts'
import { type Alerts, alertsSchema } from '../../../src/protocol/alerts.ts'
import { createServices } from '../../../src/services.ts'
import type { WatchReader } from '../../../src/serving/ports/watch-duties.ts'
import { deltaOf } from '../../support/statistics.ts'

const { READ_TOKEN, WATCH, STATS_AGGREGATOR } = env as unknown as {
  READ_TOKEN: string
  WATCH: DurableObjectNamespace<Watch>
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
}

const calling = (watch: WatchReader) => {
  const services = createServices(env as unknown as Env, { watch: () => watch })
  const app = createApp(() => services)
  return async (headers: HeadersInit = { authorization: `Bearer ${READ_TOKEN}` }): Promise<Response> => {
    const context = createExecutionContext()
    const response = await app.request('/v1/alerts', { headers }, env, context)
    await waitOnExecutionContext(context)
    return response
  }
}

it('a loss of counts fires, and is listed for whoever has the token', async () => {
  const name = crypto.randomUUID()
  const call = calling(watchClient({ getByName: () => WATCH.getByName(name) } as unknown as Watches, systemTimers))
  const read = async (): Promise<Alerts> => {
    const response = await call()
    expect(response.status).toBe(200)
    return alertsSchema.strict().parse(await response.json())
  }
  expect((await call({})).status).toBe(401)
  expect(await read()).toMatchObject({ evaluated_at: null, stale: true, alerts: [] })
  const lost = { ...deltaOf(crypto.randomUUID(), 1, 1, Date.now()), lost: 3 }
  await STATS_AGGREGATOR.getByName('shard-0').apply(lost)
  const lines: string[] = []
  await runInDurableObject(WATCH.getByName(name), async (_, state) => {
    const duties = createAlertDuties(env as unknown as Env, (line) => lines.push(String(line)))
    const watch = new Watch(state as unknown as DurableObjectState, env, { look: async () => null, duties: [] })
    for (const duty of duties) {
      const notes = { read: (note: string) => JSON.parse(watch.note(note).note ?? 'null') as unknown }
      await duty.run(
        {
          ...notes,
          write: (note, value) =>
            void state.storage.sql.exec('INSERT OR REPLACE INTO notes VALUES (?, ?)', note, JSON.stringify(value)),
        },
        Date.now(),
      )
    }
  })
  expect(lines).toEqual([])
  const { alerts, stale, unknown, delivery } = await read()
  expect(stale).toBe(false)
  expect(alerts).toContainEqual(
    expect.objectContaining({ name: 'NearcastStatisticsLost', state: 'firing', severity: 'ticket' }),
  )
  expect(unknown.filter((each) => each !== 'NearcastDrift' && each !== 'NearcastZipDataStale')).toEqual([])
  expect(delivery.webhook).toBeNull()
})

it('a watch that does not answer is a 503 that says so', async () => {
  const response = await calling({ note: () => Promise.reject(new Error('down')) })()
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'statistics_unavailable' })
})
