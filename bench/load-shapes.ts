/** The two shapes of load: a closed loop over some connections, and requests at fixed times. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Connection } from './connection.ts'

/** Sends one request and tells when its answer was found right or wrong. Never rejects. */
export type Send = (connection: Connection) => Promise<void>

export interface Timings {
  /** One number a request. */
  readonly latencies: number[]
  /** How late each was sent while a connection was free: the load process's own fault. */
  readonly lags: number[]
}

/** Each connection sends its next request as soon as it has the answer to the last. */
export const closedLoop = async (
  connections: readonly Connection[],
  send: Send,
  milliseconds: number,
): Promise<Timings> => {
  const latencies: number[] = []
  const end = performance.now() + milliseconds
  const loop = async (connection: Connection): Promise<void> => {
    for (let start = performance.now(); start < end; ) {
      await send(connection)
      const now = performance.now()
      latencies.push(now - start)
      start = now
    }
  }
  await Promise.all(connections.map(loop))
  return { latencies, lags: [] }
}

/** Timers fire up to a millisecond late, so the last two are spent turning the event loop. */
const until = async (due: number): Promise<void> => {
  for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
    await (left > 3 ? setTimeout(left - 2) : setImmediate())
  }
}

/**
 * Sends `perSecond` requests a second at times fixed beforehand. A latency counts from the time a request was due, also when all
 * connections were still waiting for answers: leaving such waits out ("coordinated omission", Tene) would hide every stall.
 */
export const fixedRate = async (
  connections: readonly Connection[],
  send: Send,
  milliseconds: number,
  perSecond: number,
): Promise<Timings> => {
  const latencies: number[] = []
  const lags: number[] = []
  const idle = [...connections]
  const waiting: ((connection: Connection) => void)[] = []
  // In turn, so that none is idle for as long as a server keeps idle connections (uvicorn: 5 s).
  const takeConnection = (): Connection | Promise<Connection> =>
    idle.shift() ?? new Promise((resolve) => waiting.push(resolve))
  const giveBack = (connection: Connection): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }
  const one = async (due: number): Promise<void> => {
    if (idle.length > 0) lags.push(performance.now() - due)
    const connection = await takeConnection()
    await send(connection)
    latencies.push(performance.now() - due)
    giveBack(connection)
  }
  const start = performance.now()
  const sent: Promise<void>[] = []
  for (let number = 0; (number * 1_000) / perSecond < milliseconds; number++) {
    const due = start + (number * 1_000) / perSecond
    await until(due)
    sent.push(one(due))
  }
  await Promise.all(sent)
  return { latencies, lags }
}
