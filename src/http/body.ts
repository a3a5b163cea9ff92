/** Reads a request's body, never more of it than the limits, and not for ever. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import { type BodyLimits, describeLimits, LINES_MEDIA_TYPE } from '../protocol/body.ts'
import { type BodyForm, StreamLimits } from '../protocol/stream-limits.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** How long a body may take, unless the caller says otherwise. */
const BODY_MILLISECONDS = 10_000
/** A body announced as no longer than this is read at once: watching it come would cost more than what it could do. */
const SMALL_BYTES = 65_536
/** Room for what comes before any of it has come; it doubles. */
const FIRST_BYTES = 4_096

/** An array of JSON has two bytes at least, a key more. */
const LEAST_KEY_BYTES = 2

/** What one request may hold. */
export interface RequestLimits extends BodyLimits {
  readonly maxKeys: number
}

export interface BodyParts {
  readonly limits: RequestLimits
  readonly clock: Clock
  readonly timers: Timers
  readonly bodyMilliseconds?: number
}

/** What has come of a body, copied: a chunk that is kept holds 4 KiB, were it one byte (workerd 1.20261023.1, 2026-11). */
class Received {
  #room = new Uint8Array(FIRST_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  get bytes(): Uint8Array {
    return this.#room.slice(0, this.#length)
  }

  add(chunk: Uint8Array): void {
    const length = this.#length + chunk.byteLength
    if (length > this.#room.byteLength) {
      const room = new Uint8Array(Math.max(length, 2 * this.#room.byteLength))
      room.set(this.#room.subarray(0, this.#length))
      this.#room = room
    }
    this.#room.set(chunk, this.#length)
    this.#length = length
  }
}

/** A body that was refused while it came, with what had come of it. */
export class UnfinishedBody extends Failure {
  constructor(
    { code, message, path }: Failure,
    private readonly came: Received,
  ) {
    super(code, message, path)
  }

  get received(): Uint8Array {
    return this.came.bytes
  }
}

const tooLarge = (limits: BodyLimits, seen: string): Failure =>
  new Failure('body_too_large', `the body ${seen}; ${describeLimits(limits)}`)

/** What watches the body while it comes; nothing does where it is no text. */
const watchOf = (request: Request, limits: RequestLimits, form: BodyForm | 'binary'): StreamLimits | null => {
  if (form === 'binary') return null
  const isLines = form === 'events' && LINES_MEDIA_TYPE.test(request.headers.get('content-type') ?? '')
  const { maxEvents, maxKeys } = limits
  return new StreamLimits({ maxEvents, maxKeys, described: describeLimits(limits) }, isLines ? 'lines' : form)
}

/** Of a body that is there already: how deep it is, is told by whoever parses it. */
const watchWhole = (bytes: Uint8Array, watch: StreamLimits | null): void => {
  try {
    watch?.push(bytes)
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.code !== 'too_deep') throw failure
  }
}

const readStream = async (
  body: ReadableStream<Uint8Array>,
  limits: RequestLimits,
  watch: StreamLimits | null,
): Promise<Uint8Array> => {
  const came = new Received()
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    came.add(value)
    try {
      if (came.length > limits.maxBodyBytes) throw tooLarge(limits, `has more than ${limits.maxBodyBytes} bytes`)
      watch?.push(value)
    } catch (refusal) {
      await reader.cancel().catch(() => undefined)
      throw refusal instanceof Failure ? new UnfinishedBody(refusal, came) : refusal
    }
  }
  return came.bytes
}

const incomplete = (cause: unknown): never => {
  if (cause instanceof Failure) throw cause
  throw new Failure('incomplete_body', 'the connection ended before the body did', undefined, { cause })
}

/**
 * The bytes of the body. Throws a Failure: `body_too_large` as soon as more than `maxBodyBytes` have come, or before the first byte when the
 * length is announced; `too_deep`, `too_many_keys` and `too_many_events` as soon as a body of over 64 KiB, or of no announced length, shows
 * it (`StreamLimits`: what does not show there is told by whoever parses it); `incomplete_body`; `body_timeout` after ten seconds, or
 * `bodyMilliseconds`. `form`: what the body holds.
 */
export const readBytes = async (
  request: Request,
  { limits, clock, timers, bodyMilliseconds = BODY_MILLISECONDS }: BodyParts,
  form: BodyForm | 'binary' = 'events',
): Promise<Uint8Array> => {
  const announced = request.headers.get('content-length')
  const length = announced === null ? Number.POSITIVE_INFINITY : Number(announced)
  if (announced !== null && length > limits.maxBodyBytes) throw tooLarge(limits, `has ${announced} bytes`)
  const inTime = async <T>(read: Promise<T>): Promise<T> => {
    const done = await within(read, deadlineIn(clock, bodyMilliseconds), timers).catch(incomplete)
    if (done === TIMED_OUT) throw new Failure('body_timeout', `the body did not come within ${bodyMilliseconds} ms`)
    return done
  }
  if (length > SMALL_BYTES) {
    // Asking for it makes a stream, which costs a tenth of a prediction: small bodies are read without.
    const { body } = request
    return body === null ? new Uint8Array(0) : inTime(readStream(body, limits, watchOf(request, limits, form)))
  }
  const bytes = new Uint8Array(await inTime(request.arrayBuffer()))
  if (length > limits.maxKeys * LEAST_KEY_BYTES) watchWhole(bytes, watchOf(request, limits, form))
  return bytes
}
