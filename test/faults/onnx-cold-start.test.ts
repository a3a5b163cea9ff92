import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type BundledWorker, startWorker } from '../support/bundled-worker.ts'
import { storedFixture } from '../support/onnx-files.ts'

/** Counts WebAssembly instances, and fails to make the first `failures` of them. */
const prelude = (failures = 0): string => `
  globalThis.prelude = { instantiate: WebAssembly.instantiate, instances: 0, failures: ${failures} }
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(module, imports) {
      if (prelude.failures-- > 0) throw new RangeError('no memory for an instance')
      super(module, imports)
      prelude.instances++
    }
  }
`
/** ORT asks for shared memory before it asks for its instance. */
const noMemory = `${prelude()}
  WebAssembly.Memory = class { constructor() { throw new RangeError('no memory') } }
`
const expected = {
  late_probability: expect.closeTo(Number(storedFixture('trees').outputs.late_probability?.data[0]), 6),
}

describe('a cold Worker', () => {
  let worker: BundledWorker
  const start = async (code: string, { eager = false, loadMilliseconds = 0 } = {}) => {
    worker = await startWorker(join(import.meta.dirname, '../workers/onnx/cold-worker.ts'), code, {
      EAGER: String(eager),
      LOAD_MILLISECONDS: String(loadMilliseconds),
    })
  }
  const send = async (path: string): Promise<Socket> => {
    const socket = connect(Number(worker.url.port), worker.url.hostname)
    await once(socket, 'connect')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`)
    return socket
  }
  const bodyOf = async (socket: Socket): Promise<unknown> => JSON.parse((await text(socket)).split('\r\n\r\n')[1] ?? '')
  /**
   * 16 requests, the first `ahead` ms before the others and its connection reset `patience` ms after them, so that workerd cancels it
   * (a mere FIN it does not notice, 2026-11). The bodies of the others.
   */
  const sixteen = async (first: string, ahead: number, patience: number): Promise<unknown[]> => {
    const doomed = await send(first)
    await wait(ahead)
    const others = await Promise.all(Array.from({ length: 15 }, () => send('/predict')))
    const bodies = others.map(bodyOf)
    await wait(patience)
    doomed.resetAndDestroy()
    return Promise.all(bodies)
  }
  const allExpected = Array.from({ length: 15 }, () => expected)

  afterEach(() => worker.stop())

  for (const patience of [0, 5, 50]) {
    it(`starts ORT once for 16 requests, though the first is cancelled after ${patience} ms`, async () => {
      await start(prelude())
      expect(await sixteen('/predict', 0, patience)).toEqual(allExpected)
      expect(await worker.json('/state')).toMatchObject({ instances: 1, loads: 1, restored: true })
    })
  }

  it('answers 15 requests that wait for the model which the sixteenth, cancelled, was loading', async () => {
    await start(prelude(), { loadMilliseconds: 300 })
    expect(await sixteen('/predict', 50, 50)).toEqual(allExpected)
    expect(await worker.json('/state')).toMatchObject({ instances: 1, loads: 1, restored: true })
  })

  it('answers 15 requests that wait for a model whose load was lost with the sixteenth', async () => {
    await start(prelude(), { loadMilliseconds: 300 })
    expect(await sixteen('/predict?careless', 50, 50)).toEqual(allExpected)
    expect(await worker.json('/state')).toMatchObject({ instances: 1, loads: 2, restored: true })
  })

  it('finishes a load whose request has given up and answered', async () => {
    await start(prelude(), { loadMilliseconds: 300 })
    expect(await worker.json('/predict?deadline=50')).toEqual({ error: 'trees@1.0.0 was not loaded in time' })
    expect(await worker.json('/predict')).toEqual(expected)
    expect(await worker.json('/state')).toMatchObject({ instances: 1, loads: 1, restored: true })
  })

  it('has its session before the first request when it is made at module scope', async () => {
    await start(prelude(), { eager: true })
    expect(await worker.json('/state')).toEqual({
      start: { ready: true, reasons: [] },
      instances: 1,
      loads: 1,
      restored: true,
      memory: expect.any(Number),
    })
    expect(await worker.json('/predict')).toEqual(expected)
  })

  it('has no session before the first request when it is not', async () => {
    await start(prelude())
    expect(await worker.json('/state')).toEqual({
      start: 'not tried',
      instances: 0,
      loads: 0,
      restored: true,
      memory: 0,
    })
    expect(await worker.json('/ready')).toEqual({ ready: true, reasons: [] })
    expect(await worker.json('/state')).toMatchObject({ instances: 1, restored: true })
  })

  it('serves from a request on when the start at module scope has failed', async () => {
    await start(prelude(1), { eager: true })
    expect(await worker.json('/state')).toMatchObject({
      start: {
        ready: false,
        reasons: ['trees@1.0.0: ONNX Runtime did not start: RangeError: no memory for an instance'],
      },
      instances: 0,
      restored: true,
    })
    expect(await worker.json('/predict')).toEqual(expected)
    expect(await worker.json('/state')).toMatchObject({ instances: 1, restored: true })
  })

  it('serves from a later request on when the start in a request has failed', async () => {
    await start(prelude(1))
    expect(await worker.json('/ready')).toMatchObject({ ready: false })
    expect(await worker.json('/state')).toMatchObject({ instances: 0, restored: true })
    await wait(1_100)
    expect(await worker.json('/ready')).toEqual({ ready: true, reasons: [] })
    expect(await worker.json('/predict')).toEqual(expected)
  })

  it('says so, and restores WebAssembly.instantiate, when ORT cannot even ask for its instance', async () => {
    await start(noMemory)
    expect(await worker.json('/ready')).toEqual({
      ready: false,
      reasons: [expect.stringContaining('ONNX Runtime did not start: ')],
    })
    expect(await worker.json('/state')).toMatchObject({ instances: 0, restored: true })
  })
})
