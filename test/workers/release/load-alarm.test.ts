/** A released version that cannot be loaded, on the real objects. */
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { DeltaBuilder } from '../../../src/core/statistics/delta-builder.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import type { ReleaseControllers } from '../../../src/durable/stats-releases.ts'
import { releaseHistorySchema } from '../../../src/protocol/admin.ts'
import { probabilities } from '../../support/statistics.ts'
import { admin, command, filesOf, newName, publish } from './versions.ts'

const { STATS_AGGREGATOR, RELEASE_CONTROLLER } = env as unknown as {
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
  RELEASE_CONTROLLER: ReleaseControllers
}

const alarmsOf = async (name: string) =>
  releaseHistorySchema.parse(await (await admin(`${name}/release`)).json()).alarms

/** What an isolate sends that could not load `version`. */
const failsToLoad = async (name: string, version: string, times: number): Promise<void> => {
  const builder = new DeltaBuilder(probabilities)
  for (let time = 0; time < times; time++) builder.loadFailure(name, version, Date.now())
  const delta = builder.toDelta({ isolate: crypto.randomUUID(), sequence: 1, codeVersion: 'code-1' })
  await STATS_AGGREGATOR.getByName('shard-0').apply(delta)
}

const withVersions = async (): Promise<string> => {
  const name = newName()
  for (const version of ['1.0.0', '1.1.0']) expect((await publish(name, filesOf(name, version))).status).toBe(201)
  return name
}

describe('a released version that isolates cannot load', () => {
  it('raises an alarm, once, that counts and is told with the release', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const name = await withVersions()
    await command(name, { command: 'canary', version: '1.1.0', share: 0.1 })
    await failsToLoad(name, '1.1.0', 2)
    await vi.waitFor(async () => expect(await alarmsOf(name)).toMatchObject([{ version: '1.1.0', count: 2 }]))
    await failsToLoad(name, '1.1.0', 3)
    await vi.waitFor(async () => expect(await alarmsOf(name)).toMatchObject([{ version: '1.1.0', count: 5 }]))
    const alarms = said.mock.calls.filter(([line]) => String(line).includes(`"message":"alarm: ${name}@1.1.0`))
    expect(alarms.length).toBe(1)
    said.mockRestore()
  })

  it('is no news when no release names it', async () => {
    const name = await withVersions()
    await RELEASE_CONTROLLER.getByName(name).loadFailed(name, '1.1.0', 1)
    expect(await alarmsOf(name)).toEqual([])
  })
})
