/** Sends one planned request and tells how it ended. */
import { type Agent, type ClientRequest, request } from 'node:http'
import type { PlannedRequest } from './http-plan.ts'

/** Longer than any deadline of the worker. */
const DEADLINE_MILLISECONDS = 10_000
/** An endless body ends here, should nobody refuse it: five times the limit. */
const ENDLESS_BYTES = 20 * 1024 * 1024

/** The status; or that the connection was cut, by us or by the other side; or that nothing came in time. */
export type Ending = number | 'cut off' | 'refused while sending' | 'connection lost' | 'hang'

const PIECES = 4

const inPieces = (bytes: Buffer): Buffer[] => {
  const size = Math.max(1, Math.ceil(bytes.length / PIECES))
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) =>
    bytes.subarray(piece * size, (piece + 1) * size),
  )
}

/** Writes `bytes` over and over, as fast as they are taken, until there is an answer. */
const writeEndlessly = (outgoing: ClientRequest, bytes: Buffer, isOver: () => boolean): void => {
  const filled = bytes.length === 0 ? Buffer.from(' ') : bytes
  const piece = Buffer.concat(Array.from({ length: Math.ceil(65_536 / filled.length) }, () => filled))
  let sent = 0
  const write = (): void => {
    while (!isOver() && sent < ENDLESS_BYTES) {
      sent += piece.length
      if (outgoing.write(piece)) continue
      outgoing.once('drain', write)
      return
    }
    outgoing.end()
  }
  write()
}

const sendBody = (outgoing: ClientRequest, { body, transfer }: PlannedRequest, isOver: () => boolean): void => {
  const bytes = body ?? Buffer.alloc(0)
  if (transfer === 'length') outgoing.end(bytes)
  else if (transfer === 'chunked') {
    for (const piece of inPieces(bytes)) outgoing.write(piece)
    outgoing.end()
  } else if (transfer === 'endless') writeEndlessly(outgoing, bytes, isOver)
  // Half of it goes out before the connection is reset.
  else outgoing.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setTimeout(() => outgoing.destroy(), 2))
}

const announced = ({ body, transfer }: PlannedRequest): Record<string, string> => {
  if (body === null) return {}
  if (transfer === 'length') return { 'content-length': String(body.length) }
  if (transfer === 'short') return { 'content-length': String(body.length + 100) }
  return { 'transfer-encoding': 'chunked' }
}

/** Never rejects. `cut off` is what an aborted or short request ends as, unless the answer was faster. */
export const send = (agent: Agent, origin: string, planned: PlannedRequest): Promise<Ending> =>
  new Promise((resolve) => {
    const isCut = planned.transfer === 'aborted' || planned.transfer === 'short'
    let status: number | undefined
    const outgoing = request(`${origin}${planned.path}`, {
      agent,
      method: planned.method,
      headers: { ...planned.headers, ...announced(planned) },
    })
    const timer = setTimeout(() => finish('hang'), DEADLINE_MILLISECONDS)
    const finish = (ending: Ending): void => {
      clearTimeout(timer)
      outgoing.destroy()
      resolve(ending)
    }
    outgoing.on('response', (response) => {
      status = response.statusCode ?? 0
      response.resume()
      response.on('end', () => {
        clearTimeout(timer)
        resolve(status ?? 0)
        // What is still being sent is of no use any more.
        if (!outgoing.writableFinished) outgoing.destroy()
      })
      response.on('error', () => finish(isCut ? 'cut off' : 'connection lost'))
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (isCut) return finish('cut off')
      // Refused before the whole body had come: the answer may be lost with the connection.
      const wasSending = error.code === 'EPIPE' || error.code === 'ECONNRESET'
      finish(status ?? (wasSending && !outgoing.writableFinished ? 'refused while sending' : 'connection lost'))
    })
    sendBody(outgoing, planned, () => status !== undefined || outgoing.destroyed)
    if (isCut) outgoing.on('close', () => finish('cut off'))
  })
