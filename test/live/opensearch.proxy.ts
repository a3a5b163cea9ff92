/** A TCP proxy that cuts connections, as networks do. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly url: string
  /** Connections that were cut. */
  readonly cuts: () => number
  close(): Promise<void>
}

/** What becomes of a connection once `bytes` bytes have come from the server. */
export interface CutRule {
  readonly afterBytes: number
  /** So many connections; all others pass. */
  readonly connections: number
  /** Afterwards nobody is let in any more. */
  readonly thenGone?: boolean
}

/** Stands before `target` and cuts by `rule`, in the middle of an answer. */
export const startCuttingProxy = async (target: string, rule: CutRule): Promise<CuttingProxy> => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((client) => {
    if (rule.thenGone === true && cuts >= rule.connections) {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    let bytes = 0
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= rule.afterBytes || cuts >= rule.connections) client.write(chunk)
      else {
        cuts++
        client.write(chunk.subarray(0, chunk.length >> 1))
        client.resetAndDestroy()
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
