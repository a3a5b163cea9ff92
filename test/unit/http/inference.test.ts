import { describe, expect, it, vi } from 'vitest'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { bundledRelease } from '../../../src/core/release/release.ts'
import { createApp } from '../../../src/http/app.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { infer, inferenceApp, TREES_INPUT, WRITE_TOKEN } from '../../support/inference-app.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes, storedFixture } from '../../support/onnx-files.ts'
import type { MemoryStatistics } from '../../support/statistics.ts'

const inputs = [TREES_INPUT]
const logarithmOf = (data: readonly number[]) => [{ name: 'features', shape: [data.length, 1], datatype: 'FP32', data }]
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/** Waits, in real time, for the first flush. */
const sent = async (statistics: MemoryStatistics): Promise<void> => {
  while (statistics.sent.length === 0) await systemTimers.sleep(20)
}

describe('a version that answers nobody', () => {
  it.each(['', '/ready', '/infer'])('wants WRITE_TOKEN for …/versions/1.2.0%s', async (verb) => {
    const { app } = inferenceApp()
    const call = (headers: Record<string, string>): Promise<Response> => {
      const init = verb === '/infer' ? { method: 'POST', body: JSON.stringify({ inputs }), headers } : { headers }
      return Promise.resolve(app.request(`/v2/models/trees/versions/1.2.0${verb}`, init))
    }
    for (const headers of [{}, bearer('another'), { authorization: WRITE_TOKEN }]) {
      const response = await call(headers)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('Bearer')
      expect(await response.json()).toEqual({ error: 'send "Authorization: Bearer $WRITE_TOKEN"' })
    }
    expect((await call(bearer(WRITE_TOKEN))).status).toBe(200)
  })

  it('stays closed where no token is configured', async () => {
    const served = inferenceApp({ WRITE_TOKEN: undefined })
    const { status, answer } = await infer(served, 'trees/versions/1.2.0/infer', { inputs }, bearer(''))
    expect([status, answer]).toEqual([401, { error: 'WRITE_TOKEN is not configured, so this stays closed' }])
  })

  it('is not loaded for a caller without the token', async () => {
    const { manifest } = storedFixture('trees')
    const repository = memoryModels(
      ['1.0.0', '1.2.0'].map((version) => ({ manifest: { ...manifest, version }, model: graphBytes('trees').buffer })),
    )
    const loaded: string[] = []
    const load: typeof repository.load = (model, version, deadline) => {
      loaded.push(version)
      return repository.load(model, version, deadline)
    }
    const clock = new ManualClock()
    const sessions = new SessionRegistry({ ...repository, load }, onnxRuntime, clock, clock)
    const served = inferenceApp({}, { repository, sessions })
    await infer(served, 'trees/versions/1.2.0/infer', { inputs })
    expect(loaded).toEqual([])
  })
})

describe('what is counted', () => {
  it('is every row, with its outputs, whichever of them were asked for', async () => {
    const served = inferenceApp()
    const features = { ...TREES_INPUT, shape: [2, 5], data: [...TREES_INPUT.data, ...TREES_INPUT.data] }
    await infer(served, 'days/infer', { inputs: [features], outputs: [{ name: 'expected_days' }] })
    await sent(served.statistics)
    const version = served.statistics.counts.versions['days@1.0.0']
    expect(version?.predictions).toBe(2)
    expect(Object.keys(version?.outputs ?? {}).sort()).toEqual(['delivery_days', 'expected_days'])
  })

  it('is a failure of the model once, against its version', async () => {
    const served = inferenceApp()
    expect((await infer(served, 'logarithm/infer', { inputs: logarithmOf([1, -1, 2, -2]) })).status).toBe(500)
    expect((await infer(served, 'broken/infer', { inputs })).status).toBe(503)
    await sent(served.statistics)
    const { versions, rejected } = served.statistics.counts
    expect(versions['logarithm@1.0.0']).toMatchObject({ predictions: 0, errors: { model_failed: 1 } })
    expect(versions['broken@1.0.0']).toMatchObject({ predictions: 0, errors: { model_unavailable: 1 } })
    expect(rejected).toEqual({})
  })

  it('is a caller’s mistake against no version', async () => {
    const served = inferenceApp()
    await infer(served, 'trees/infer', { inputs: [] })
    await infer(served, 'trees/infer', '{')
    await infer(served, 'nobody/infer', { inputs })
    await infer(served, 'trees/versions/1.2.0/infer', { inputs })
    await sent(served.statistics)
    expect(served.statistics.counts.versions).toEqual({})
    expect(served.statistics.counts.rejected).toEqual({
      invalid_parameter: 1,
      invalid_json: 1,
      unknown_model: 1,
      unauthorized: 1,
    })
  })
})

describe('an inference', () => {
  it('of more rows than one run may hold answers them all, where the limits allow them', async () => {
    const rows = 2_500
    const data = Array.from({ length: rows }, (_, row) => row + 1)
    const served = inferenceApp({ MAX_EVENTS: String(rows) })
    const { answer } = await infer(served, 'logarithm/infer', { inputs: logarithmOf(data) })
    expect(answer.outputs[0]?.shape).toEqual([rows, 1])
    expect(answer.outputs[0]?.data[2_499]).toBeCloseTo(Math.log(2_500), 5)
  })

  it('ends at the deadline when the version does not come', async () => {
    const clock = new ManualClock()
    const models = memoryModels([{ manifest: storedFixture('trees').manifest, model: graphBytes('trees').buffer }])
    const never = { ...models, load: () => new Promise<never>(() => undefined) }
    const sessions = new SessionRegistry(never, onnxRuntime, clock, clock)
    const served = inferenceApp({ PREDICT_DEADLINE_MILLISECONDS: '100' }, { clock, timers: clock, sessions })
    const pending = infer(served, 'trees/infer', { inputs })
    while (clock.sleeping === 0) await systemTimers.sleep(1)
    await clock.advance(100)
    const { status, answer } = await pending
    expect([status, answer]).toEqual([504, { error: 'trees@1.0.0 was not loaded in time' }])
  })

  it('is answered by the fallback of the release when the stable version does not come, and says so', async () => {
    const { manifest } = storedFixture('trees')
    const good = { manifest: { ...manifest, version: '0.9.0' }, model: graphBytes('trees').buffer }
    const repository = memoryModels([good, { manifest, model: new ArrayBuffer(3) }])
    const release = { ...bundledRelease('trees', '1.0.0'), revision: 2, fallback: '0.9.0' }
    const sessions = new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers)
    const served = inferenceApp({}, { repository, sessions, releases: { current: () => release } })
    const { status, answer } = await infer(served, 'trees/infer', { inputs })
    expect(status).toBe(200)
    expect(answer).toMatchObject({ model_version: '0.9.0', parameters: { release_fallback: true } })
    const named = await infer(served, 'trees/versions/1.0.0/infer', { inputs })
    expect(named.status).toBe(503)
    await sent(served.statistics)
    const { versions } = served.statistics.counts
    expect(versions['trees@0.9.0']).toMatchObject({ predictions: 1, degraded: { release_fallback: 1 } })
    expect(versions['trees@1.0.0']).toMatchObject({ predictions: 0 })
  })

  it('names its stages and echoes the request id', async () => {
    const { app } = inferenceApp()
    const response = await app.request('/v2/models/trees/infer', {
      method: 'POST',
      body: JSON.stringify({ inputs }),
      headers: { 'x-request-id': 'r-1' },
    })
    expect(response.headers.get('x-request-id')).toBe('r-1')
    expect(response.headers.get('server-timing')).toMatch(/^parse.*, infer/)
  })

  it('lets its session go, so that a retired version is freed', async () => {
    const clock = new ManualClock()
    const models = memoryModels([
      { manifest: storedFixture('logarithm').manifest, model: graphBytes('logarithm').buffer },
    ])
    let freed = 0
    const open: typeof onnxRuntime.open = async (model) => {
      const session = await onnxRuntime.open(model)
      return { ...session, release: () => session.release().finally(() => freed++) }
    }
    const sessions = new SessionRegistry(models, { open }, clock, clock)
    const served = inferenceApp({}, { sessions })
    await infer(served, 'logarithm/infer', { inputs: logarithmOf([1]) })
    await infer(served, 'logarithm/infer', { inputs: logarithmOf([-1]) })
    await infer(served, 'logarithm/infer', { inputs: [] })
    const work: Promise<unknown>[] = []
    sessions.retire('logarithm', '1.0.0', (job) => work.push(job))
    await Promise.all(work)
    expect(freed).toBe(1)
  })
})

describe('what fails that should not', () => {
  it('is answered in the form of the protocol, without the cause', async () => {
    const repository = memoryModels([{ manifest: storedFixture('trees').manifest, model: graphBytes('trees').buffer }])
    const versions = (): never => {
      throw new Error('the cause')
    }
    const { app, log } = inferenceApp({}, { repository: { ...repository, versions } })
    const response = await app.request('/v2/models/trees')
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: expect.not.stringContaining('the cause') })
    expect(log.join()).toContain('the cause')
  })

  it('is in that form even where a variable cannot be used', async () => {
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = createApp(() => {
      throw new Error('a variable')
    })
    const response = await app.request('/v2/health/ready')
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ error: expect.any(String) })
    silenced.mockRestore()
  })
})
