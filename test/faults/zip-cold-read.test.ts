import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type BundledWorker, startWorker } from '../support/bundled-worker.ts'

describe('a cold zip pack', () => {
  let worker: BundledWorker
  const start = async (readMilliseconds: number, deadlineMilliseconds: number): Promise<void> => {
    const entry = join(import.meta.dirname, '../workers/zip/cold-worker.ts')
    const constants = {
      READ_MILLISECONDS: String(readMilliseconds),
      DEADLINE_MILLISECONDS: String(deadlineMilliseconds),
    }
    worker = await startWorker(entry, '', constants, ['ZIP_FEATURES'])
    await worker.json('/seed')
  }
  const send = async (path: string): Promise<Socket> => {
    const socket = connect(Number(worker.url.port), worker.url.hostname)
    await once(socket, 'connect')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`)
    return socket
  }
  const unflagged = { warnings: [] }

  afterEach(() => worker.stop())

  it('is read once for the requests that want it, though the one that began the read is cancelled', async () => {
    await start(300, 2_000)
    const doomed = await send('/94107')
    await wait(50)
    const others = Promise.all(Array.from({ length: 5 }, () => worker.json('/94107')))
    await wait(50)
    doomed.resetAndDestroy()
    expect(await others).toEqual(Array.from({ length: 5 }, () => ({ outcome: 'store', ...unflagged })))
    expect(await worker.json('/reads')).toBe(1)
  })

  it('is in memory for later requests when the one that asked had given up and answered', async () => {
    await start(200, 25)
    expect(await worker.json('/94107')).toEqual({ outcome: 'timeout', warnings: ['zip_store_timeout', 'zip3_mean'] })
    await wait(400)
    expect(await worker.json('/94107')).toEqual({ outcome: 'memory', ...unflagged })
    expect(await worker.json('/reads')).toBe(1)
  })

  it('is asked for anew when a read never came back', async () => {
    await start(60_000, 25)
    expect(await worker.json('/94107')).toMatchObject({ outcome: 'timeout' })
    await wait(1_100)
    expect(await worker.json('/94107')).toMatchObject({ outcome: 'timeout' })
    expect(await worker.json('/reads')).toBe(2)
  })
})
