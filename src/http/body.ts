/** Reads a request's body, never more of it than the limit. */
import { Failure } from '../core/failure.ts'
import { type BodyLimits, describeLimits } from '../protocol/body.ts'

const tooLarge = (limits: BodyLimits, seen: string): Failure =>
  new Failure('body_too_large', `the body ${seen}; ${describeLimits(limits)}`)

/**
 * The bytes of the body. Throws `body_too_large` as soon as more than `maxBodyBytes` have come, or before the first byte when the
 * length is announced.
 */
export const readBytes = async (request: Request, limits: BodyLimits): Promise<Uint8Array> => {
  const announced = request.headers.get('content-length')
  if (announced !== null) {
    if (Number(announced) > limits.maxBodyBytes) throw tooLarge(limits, `has ${announced} bytes`)
    return new Uint8Array(await request.arrayBuffer())
  }
  if (request.body === null) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
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
