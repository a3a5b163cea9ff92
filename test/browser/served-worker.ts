/** A throw-away worker behind one fixed address, that can be stopped and started again with what it stored. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { deployedBundle } from '../../bench/bundle.ts'
import { ROOT } from '../../bench/root.ts'
import { createWorkerHost, type RunningWorker, type WorkerSettings } from '../../bench/worker.ts'

export interface ServedWorker {
  readonly origin: string
  /** From then on connections are cut off, as from a server that is gone. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** Waits for the zip codes to be written and the worker to listen: seconds. `variables` are those of src/config.ts; `more`: what else it has. */
export const serveWorker = async (
  variables: Readonly<Record<string, string>>,
  more: Pick<WorkerSettings, 'hasAssets'> = {},
): Promise<ServedWorker> => {
  const host = createWorkerHost()
  const bundle = deployedBundle()
  const sockets = new Set<Socket>()
  let worker: RunningWorker | null = null
  let storage: string | undefined
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    if (worker === null) {
      socket.resetAndDestroy()
      return
    }
    const upstream = connect(worker.port, '127.0.0.1')
    upstream.on('error', () => socket.resetAndDestroy()).on('close', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    socket.pipe(upstream).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  const served: ServedWorker = {
    origin: `http://127.0.0.1:${address.port}`,
    async start() {
      worker = await host.start(bundle, 'product', {
        variables,
        takeLog: () => {},
        ...more,
        ...(storage !== undefined && { storage }),
      })
      storage = worker.storage
    },
    async stop() {
      const stopped = worker
      worker = null
      for (const socket of sockets) socket.destroy()
      await stopped?.stop()
    },
    async remove() {
      await served.stop()
      server.close()
      host.remove()
    },
  }
  await host.seed(JSON.parse(readFileSync(join(ROOT, 'kv-seed', 'zips.json'), 'utf8')))
  await served.start()
  return served
}
