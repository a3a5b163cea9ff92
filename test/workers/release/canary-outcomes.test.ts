/** A version that answers as well as stable and is wrong, from its canary to its rollback by what is reported, with the clock in the test's hand. */
import { createExecutionContext, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../../bench/random.ts'
import { parseConfig } from '../../../src/config.ts'
import type { ReleaseController } from '../../../src/durable/release-controller.ts'
import type { StatsAggregator } from '../../../src/durable/stats-aggregator.ts'
import type { Watch } from '../../../src/durable/watch.ts'
import { createApp } from '../../../src/http/app.ts'
import { releaseHistorySchema } from '../../../src/protocol/admin.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { outcomesAnswerSchema } from '../../../src/protocol/outcomes.ts'
import { createServices } from '../../../src/services.ts'
import mirrored from '../../fixtures/release/mirrored.onnx'
import { ManualClock } from '../../support/manual-clock.ts'
import { admin, command, filesOf, newName, publish } from './versions.ts'

const { WATCH, RELEASE_CONTROLLER, STATS_AGGREGATOR, WRITE_TOKEN, READ_TOKEN } = env as unknown as {
  WATCH: DurableObjectNamespace<Watch>
  RELEASE_CONTROLLER: DurableObjectNamespace<ReleaseController>
  STATS_AGGREGATOR: DurableObjectNamespace<StatsAggregator>
  WRITE_TOKEN: string
  READ_TOKEN: string
}

/** In years to come: workerd rings alarms by its own clock, and none may ring but when the test says so. */
const START = Date.UTC(2038, 10, 11)
const TICK_MILLISECONDS = 250
const EVENTS_PER_TICK = 25
const VISITORS = 2_000
/** Stable gives 0.22 and 0.77, the canary 0.78 and 0.23: the same on average. */
const CARTS = [3, 40]
/** Time enough, by the real clock, for what a passing of the test's own clock began with the local bindings. */
const LOCAL_MILLISECONDS = 10
const SHARDS = parseConfig(env).STATS_SHARDS

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** No decision changes, so that nothing but outcomes can tell the two apart. */
const decideNothing = (manifest: Manifest): void => {
  for (const output of manifest.outputs) output.threshold = 0.9999
}

const soundFiles = (name: string) => filesOf(name, '1.0.0', decideNothing)

const mirroredFiles = async (name: string) => {
  const sha256 = hex(await crypto.subtle.digest('SHA-256', mirrored))
  const files = filesOf(name, '1.1.0', (manifest) => {
    decideNothing(manifest)
    Object.assign(manifest, { sha256 })
    for (const { outputs } of manifest.golden) for (const key in outputs) outputs[key] = 1 - Number(outputs[key])
  })
  return { ...files, model: new Uint8Array(mirrored) }
}

interface Outcome {
  readonly id: string
  readonly output: 'bought_probability'
  readonly value: boolean
  readonly receipt: string
}

class Scene {
  readonly clock = new ManualClock(START)
  /** Of the events of the last second, and of those before. */
  recent: Outcome[] = []
  known: Outcome[] = []
  failures = 0
  readonly #random = seededRandom(20_381_111)
  readonly #app
  #events = 0

  constructor(readonly name: string) {
    const services = createServices({ ...env, SIGNING_KEY: 'the-signing-key-of-the-tests' } as unknown as Env, {
      time: { clock: this.clock, timers: this.clock },
    })
    this.#app = createApp(() => services)
  }

  async #send(): Promise<void> {
    const cart_value = this.#random.pick(CARTS)
    const id = `${this.name}-event-${++this.#events}`
    const session_id = `visitor-${this.#random.below(VISITORS)}`
    const body = JSON.stringify({ createdDateTime: 'now', id, session_id, zipCode: '94107', cart_value })
    const path = `/v1/predict?model=${this.name}&features=false`
    const response = await this.#app.request(path, { method: 'POST', body }, env, createExecutionContext())
    if (!response.ok) this.failures++
    const { receipt } = (await response.json()) as { receipt: string }
    this.recent.push({ id, output: 'bought_probability', value: cart_value === 40, receipt })
  }

  /** By id, as a deployment without a key has it. */
  get knownById(): readonly Omit<Outcome, 'receipt'>[] {
    return this.known.map(({ receipt: _, ...outcome }) => outcome)
  }

  async report(body: string, authorization?: string): Promise<Response> {
    const headers = authorization === undefined ? {} : { authorization }
    return this.#app.request('/v1/outcomes', { method: 'POST', headers, body }, env, createExecutionContext())
  }

  /** Up to `count` seconds, with what is done at the end of each. Returns how many. */
  async seconds(count: number, until: () => Promise<boolean> = async () => false): Promise<number> {
    for (let second = 1; second <= count; second++) {
      this.known = this.recent
      this.recent = []
      for (let passed = 0; passed < 1_000; passed += TICK_MILLISECONDS) {
        for (let event = 0; event < EVENTS_PER_TICK; event++) await this.#send()
        await this.clock.advance(TICK_MILLISECONDS)
        vi.setSystemTime(this.clock.epochMilliseconds())
        await new Promise((resolve) => setTimeout(resolve, LOCAL_MILLISECONDS))
      }
      await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(this.name))
      await runDurableObjectAlarm(WATCH.getByName('watch'))
      if (await until()) return second
    }
    return count
  }

  async history() {
    return releaseHistorySchema.parse(await (await admin(`${this.name}/release`)).json())
  }

  /** Visitors whose outcome was judged, over all shards. */
  async votes(): Promise<number> {
    const shards = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) => STATS_AGGREGATOR.getByName(`shard-${shard}`).evidence(this.name)),
    )
    return shards.flatMap(({ evidence }) => evidence).reduce((sum, { outcomes }) => sum + outcomes.units.length, 0)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a canary whose answers are sound and wrong', () => {
  it('is rolled back by reported outcomes, and by nobody who may not report', async () => {
    const scene = new Scene(newName())
    const { name } = scene
    for (const files of [soundFiles(name), await mirroredFiles(name)]) {
      expect((await publish(name, files)).status).toBe(201)
    }
    await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(name))
    await scene.seconds(2)
    expect((await command(name, { command: 'shadow', version: '1.1.0' })).status).toBe(200)
    await scene.seconds(3)
    expect((await command(name, { command: 'canary', version: '1.1.0', share: 0.5 })).status).toBe(200)

    const strangers = [undefined, 'Bearer not-the-token-of-the-tests', `Bearer ${READ_TOKEN}`, WRITE_TOKEN]
    await scene.seconds(8, async () => {
      for (const authorization of strangers) {
        expect((await scene.report(JSON.stringify(scene.knownById), authorization)).status).toBe(401)
      }
      return false
    })
    expect((await scene.history()).release.canary).toMatchObject({ version: '1.1.0' })
    expect(await scene.votes()).toBe(0)

    const said: { accepted: number; matched: number; counted: number }[] = []
    const report = async (outcomes: readonly object[] = scene.knownById) => {
      const response = await scene.report(JSON.stringify(outcomes), `Bearer ${WRITE_TOKEN}`)
      expect(response.status).toBe(200)
      const answer = outcomesAnswerSchema.parse(await response.json())
      expect(answer).toMatchObject({
        accepted: scene.known.length,
        rejected: [],
        shards: { answered: SHARDS, of: SHARDS },
      })
      said.push(answer)
    }
    await report()
    const once = await scene.votes()
    await report()
    await report()
    expect(once).toBeGreaterThan(10)
    expect(await scene.votes()).toBe(once)
    expect(said.map(({ matched }) => matched)).toEqual(Array(3).fill(said[0]?.matched))
    expect(said[0]?.matched).toBeLessThan(scene.known.length)
    // With receipts the same events are joined, and none that another event was sent for.
    await report(scene.known)
    expect(said.at(-1)).toMatchObject({ matched: said[0]?.matched, counted: scene.known.length })
    expect(await scene.votes()).toBe(once)

    const delay = await scene.seconds(20, async () => {
      if ((await scene.history()).release.canary === null) return true
      await report()
      return false
    })
    const { release, history } = await scene.history()
    expect(release).toMatchObject({ stable: '1.0.0', canary: null, rolled_back: ['1.1.0'] })
    expect(history[0]).toMatchObject({
      command: { command: 'rollback' },
      by: { kind: 'rule', name: 'canary-judgement' },
      reason: expect.stringContaining("the canary's loss is greater than stable's"),
    })
    expect(scene.failures).toBe(0)
    console.log(`rolled back ${delay} s after the first report, by ${await scene.votes()} visitors' outcomes`)
  }, 120_000)
})
