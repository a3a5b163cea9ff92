/** One request and its whole answer, within a deadline. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { connectionFailure, ServerFailure, statusFailure } from './failure.ts'
import { headerOf, type Wire, type WireReply, type WireRequest } from './wire.ts'

const decompress = promisify(gunzip)

export interface Answer {
  readonly status: number
  /** Decompressed; the buffer holds nothing else. */
  readonly bytes: Uint8Array<ArrayBuffer>
  header(name: string): string | undefined
}

const joined = (chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

const readBody = async (reply: WireReply, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
  const stop = (): void => void reply.body.destroy(new Error('stopped'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      size += chunk.length
    }
    const bytes = joined(chunks, size)
    if (headerOf(reply, 'content-encoding') !== 'gzip') return bytes
    const plain = await decompress(bytes)
    return joined([plain], plain.length)
  } catch (error) {
    throw connectionFailure(error)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/**
 * Sends `request` and reads the answer to its end, whatever its status. Rejects with a ServerFailure when the connection breaks or the
 * deadline passes, and with `signal.reason` when `signal` aborts.
 */
export const exchange = async (
  wire: Wire,
  request: WireRequest,
  deadlineMilliseconds: number,
  signal: AbortSignal,
): Promise<Answer> => {
  signal.throwIfAborted()
  const controller = new AbortController()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    controller.abort()
  }, deadlineMilliseconds)
  const stop = (): void => controller.abort()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const reply = await wire.send(request, controller.signal)
    const bytes = await readBody(reply, controller.signal)
    return { status: reply.status, bytes, header: (name) => headerOf(reply, name) }
  } catch (error) {
    signal.throwIfAborted()
    if (!isLate) throw error
    throw new ServerFailure(`no whole answer within ${deadlineMilliseconds / 1000} s`, { isPassing: true })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

const decoder = new TextDecoder()

const CREDENTIALS_HINT = '--api-key-file, or --username, or their variables say who asks (nearcast featurize --help)'

/** The bytes of an answer that is a success. Throws a ServerFailure for any other. */
export const bytesOf = ({ status, bytes, header }: Answer): Uint8Array<ArrayBuffer> => {
  if (status >= 200 && status < 300) return bytes
  const failure = statusFailure(status, decoder.decode(bytes), header('retry-after'))
  if (status !== 401 && status !== 403) throw failure
  throw new ServerFailure(`${failure.message}; ${CREDENTIALS_HINT}`, failure)
}

/** Parsed JSON, for answers without records. Throws a ServerFailure for what is none. */
export const jsonOf = (answer: Answer): unknown => {
  const text = decoder.decode(bytesOf(answer))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ServerFailure('answered something else than JSON', { isPassing: false, body: text }, { cause: error })
  }
}
