/** Reads a request's body, never more of it than the limit, and not for ever. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { type BodyLimits, describeLimits } from '../protocol/body.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** How long a body may take, unless the caller says otherwise. */
const BODY_MILLISECONDS = 10_000
/** A body announced as no longer than this is read without a timer, which would cost a tenth of the CPU of a small request. */
const SMALL_BYTES = 65_536

export interface BodyParts {
  readonly limits: BodyLimits
  readonly clock: Clock
  readonly timers: Timers
  readonly bodyMilliseconds?: number
}

const tooLarge = (limits: BodyLimits, seen: string): Failure =>
  new Failure('body_too_large', `the body ${seen}; ${describeLimits(limits)}`)

const readStream = async (body: ReadableStream<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.byteLength
    if (length > limits.maxBodyBytes) {
      await reader.cancel().catch(() => undefined)
      throw tooLarge(limits, `has more than ${limits.maxBodyBytes} bytes`)
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

const incomplete = (cause: unknown): never => {
  if (cause instanceof Failure) throw cause
  throw new Failure('incomplete_body', 'the connection ended before the body did', undefined, { cause })
}

/**
 * The bytes of the body. Throws a Failure: `body_too_large` as soon as more than `maxBodyBytes` have come, or before the first byte when the
 * length is announced; `incomplete_body`; `body_timeout` after ten seconds, or `bodyMilliseconds`.
 */
export const readBytes = async (
  request: Request,
  { limits, clock, timers, bodyMilliseconds = BODY_MILLISECONDS }: BodyParts,
): Promise<Uint8Array> => {
  const announced = request.headers.get('content-length')
  const length = announced === null ? Number.POSITIVE_INFINITY : Number(announced)
  if (announced !== null && length > limits.maxBodyBytes) throw tooLarge(limits, `has ${announced} bytes`)
  if (request.body === null) return new Uint8Array(0)
  const read =
    announced === null
      ? readStream(request.body, limits)
      : request.arrayBuffer().then((buffer) => new Uint8Array(buffer))
  if (length <= SMALL_BYTES) return read.catch(incomplete)
  const bytes = await within(read, deadlineIn(clock, bodyMilliseconds), timers).catch(incomplete)
  if (bytes === TIMED_OUT) throw new Failure('body_timeout', `the body did not come within ${bodyMilliseconds} ms`)
  return bytes
}
