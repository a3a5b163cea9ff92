/** A bad version from publishing to its rollback, on the real local bindings, with the clock in the test's hand. */
import { createExecutionContext, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../../bench/random.ts'
import type { ReleaseController } from '../../../src/durable/release-controller.ts'
import type { Watch } from '../../../src/durable/watch.ts'
import { createApp } from '../../../src/http/app.ts'
import { releaseHistorySchema } from '../../../src/protocol/admin.ts'
import { createServices } from '../../../src/services.ts'
import flawed from '../../fixtures/release/flawed.onnx'
import { ManualClock } from '../../support/manual-clock.ts'
import { admin, command, filesOf, newName, publish } from './versions.ts'

const { WATCH, RELEASE_CONTROLLER } = env as unknown as {
  WATCH: DurableObjectNamespace<Watch>
  RELEASE_CONTROLLER: DurableObjectNamespace<ReleaseController>
}

/** In years to come: workerd rings alarms by its own clock, and none may ring but when the test says so. */
const START = Date.UTC(2038, 10, 11)
const TICK_MILLISECONDS = 250
const EVENTS_PER_TICK = 50
const VISITORS = 5_000
const SHARE = 0.05
/** The canary fails carts above 500. */
const CARTS = [3, 20, 60, 110]
const LARGE_CARTS = [...CARTS, 900]

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const flawedFiles = async (name: string) => {
  const sha256 = hex(await crypto.subtle.digest('SHA-256', flawed))
  const files = filesOf(name, '1.1.0', (manifest) => Object.assign(manifest, { sha256 }))
  return { ...files, model: new Uint8Array(flawed) }
}

/** What the visitors of a model got. */
class Visits {
  events = 0
  readonly failures: Record<string, number> = {}
  readonly struck = new Set<string>()
  readonly versions = new Map<string, Set<string>>()
  readonly #random = seededRandom(20_381_111)
  readonly #app

  constructor(
    private readonly name: string,
    private readonly carts: () => readonly number[],
    clock: ManualClock,
  ) {
    const services = createServices(env, { time: { clock, timers: clock } })
    this.#app = createApp(() => services)
  }

  async send(): Promise<void> {
    const visitor = `visitor-${this.#random.below(VISITORS)}`
    const cart_value = this.#random.pick(this.carts())
    const body = JSON.stringify({ createdDateTime: 'now', session_id: visitor, zipCode: '94107', cart_value })
    const path = `/v1/predict?model=${this.name}&features=false`
    this.events++
    const response = await this.#app.request(path, { method: 'POST', body }, env, createExecutionContext())
    const answer = (await response.json()) as { readonly code?: string; readonly model_version?: string }
    if (response.ok) {
      const seen = this.versions.get(visitor) ?? new Set()
      this.versions.set(visitor, seen.add(answer.model_version ?? ''))
    } else {
      const code = answer.code ?? String(response.status)
      this.failures[code] = (this.failures[code] ?? 0) + 1
      this.struck.add(visitor)
    }
  }
}

/** Time enough, by the real clock, for what a passing of the test's own clock began with the local bindings. */
const LOCAL_MILLISECONDS = 10

class Scene {
  readonly clock = new ManualClock(START)
  readonly visits: Visits

  constructor(
    private readonly name: string,
    carts: () => readonly number[],
  ) {
    this.visits = new Visits(name, carts, this.clock)
  }

  /** Lets a quarter of a second pass, in which the visitors send their events and the isolate its statistics. */
  async tick(): Promise<void> {
    for (let event = 0; event < EVENTS_PER_TICK; event++) await this.visits.send()
    await this.clock.advance(TICK_MILLISECONDS)
    vi.setSystemTime(this.clock.epochMilliseconds())
    await new Promise((resolve) => setTimeout(resolve, LOCAL_MILLISECONDS))
  }

  /** Up to `count` seconds, with the alarms of the controller and the watch behind each. Returns how many. */
  async seconds(count: number, until: () => Promise<boolean> = async () => false): Promise<number> {
    for (let second = 1; second <= count; second++) {
      for (let passed = 0; passed < 1_000; passed += TICK_MILLISECONDS) await this.tick()
      await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(this.name))
      await runDurableObjectAlarm(WATCH.getByName('watch'))
      if (await until()) return second
    }
    return count
  }
}

const historyOf = async (name: string) => releaseHistorySchema.parse(await (await admin(`${name}/release`)).json())

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a canary that fails on one kind of event', () => {
  it('is noticed and rolled back by itself, and no request is lost by that', async () => {
    const name = newName()
    for (const files of [filesOf(name, '1.0.0'), await flawedFiles(name)]) {
      expect((await publish(name, files)).status).toBe(201)
    }

    let carts = CARTS
    const scene = new Scene(name, () => carts)
    const { visits } = scene
    await runDurableObjectAlarm(RELEASE_CONTROLLER.getByName(name))
    await scene.seconds(2)
    expect((await command(name, { command: 'shadow', version: '1.1.0' })).status).toBe(200)
    await scene.seconds(3)
    expect((await command(name, { command: 'canary', version: '1.1.0', share: SHARE })).status).toBe(200)
    await scene.seconds(5)
    expect(visits.failures).toEqual({})
    expect((await historyOf(name)).release.canary).toMatchObject({ version: '1.1.0' })

    carts = LARGE_CARTS
    const before = visits.events
    const isOver = async (): Promise<boolean> => (await historyOf(name)).release.canary === null
    const delay = await scene.seconds(40, isOver)
    const [events, struck] = [visits.events - before, visits.struck.size]
    const failedUntil = { ...visits.failures }
    const { release, history, judgement } = await historyOf(name)
    expect(release).toMatchObject({ stable: '1.0.0', canary: null, rolled_back: ['1.1.0'] })
    expect(history[0]).toMatchObject({
      command: { command: 'rollback' },
      by: { kind: 'rule', name: 'canary-judgement' },
      reason: expect.stringContaining('the canary fails where stable does not'),
      evidence: { verdict: 'breach' },
    })

    expect(judgement).toMatchObject({
      version: '1.1.0',
      verdict: 'breach',
      move: `rollback, revision ${release.revision}`,
    })

    // A busy isolate hears of it within two seconds; from then on nobody is struck.
    await scene.seconds(2)
    const heard = { ...visits.failures }
    await scene.seconds(4)
    expect(visits.failures).toEqual(heard)
    expect(Object.keys(visits.failures)).toEqual(['model_failed'])
    const sticky = [...visits.versions.values()].filter((versions) => versions.size > 2)
    expect(sticky).toEqual([])
    console.log(
      `from the fault to the rollback: ${events} events, ${delay} s, ${struck} of ${VISITORS} visitors struck, ${failedUntil.model_failed} failed events; ` +
        `${(heard.model_failed ?? 0) - (failedUntil.model_failed ?? 0)} more until the isolate had heard; failed by the rollback itself: 0`,
    )
  }, 120_000)
})
