/** How much of a body is taken, and for how long it is waited for. */
import { describe, expect, it } from 'vitest'
import { readBytes, UnfinishedBody } from '../../../src/http/body.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const clock = new ManualClock()
const parts = { clock, timers: clock, limits: { maxBodyBytes: 20_000, maxEvents: 5, maxKeys: 100 } }
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** A request whose body comes in pieces; `announced`: its length as the header tells it. */
const requestOf = (body: ReadableStream, announced?: number): Request =>
  new Request('https://nearcast.test/', {
    method: 'POST',
    body,
    duplex: 'half',
    ...(announced !== undefined && { headers: { 'content-length': String(announced) } }),
  } as RequestInit)

/** The pieces, each in the same memory as the one before: whoever keeps a piece and not its bytes has the last one many times. */
const inPieces = (text: string, size = 1): ReadableStream => {
  const memory = new Uint8Array(4_096)
  let at = 0
  return new ReadableStream(
    {
      pull(controller) {
        const piece = utf8(text.slice(at, at + size))
        at += size
        memory.set(piece)
        if (piece.byteLength === 0) controller.close()
        else controller.enqueue(memory.subarray(0, piece.byteLength))
      },
    },
    { highWaterMark: 0 },
  )
}

describe('a body that comes in pieces', () => {
  it.each([0, 1, 4_095, 4_096, 4_097, 20_000])(
    'of %i bytes is copied, so that no piece holds memory',
    async (length) => {
      const text = Array.from({ length }, (_, index) => 'abcdefghijklmnopqrstuvwxyz'[index % 26]).join('')
      const bytes = await readBytes(requestOf(inPieces(text)), parts)
      expect(new TextDecoder().decode(bytes)).toBe(text)
      expect(bytes.buffer.byteLength).toBe(length)
    },
  )

  it('and is refused meanwhile leaves what had come of it', async () => {
    const refusal = await readBytes(requestOf(inPieces('['.repeat(70_000), 100)), parts).catch((error) => error)
    expect(refusal).toBeInstanceOf(UnfinishedBody)
    const { received } = refusal as UnfinishedBody
    expect(new TextDecoder().decode(received)).toMatch(/^\[+$/)
    expect(received.byteLength).toBeLessThanOrEqual(20_100)
  })

  it.each([undefined, 100, 70_000])(
    'and then no more is given up after ten seconds: announced %s',
    async (announced) => {
      const limits = { ...parts.limits, maxBodyBytes: 100_000 }
      const body = new ReadableStream({ start: (controller) => controller.enqueue(utf8('{')) })
      const read = readBytes(requestOf(body, announced), { ...parts, limits }).catch((error) => error)
      await clock.advance(10_000)
      expect(await read).toMatchObject({ code: 'body_timeout', message: 'the body did not come within 10000 ms' })
    },
  )
})

it('a body announced as too long is refused before any of it is read', async () => {
  let pulls = 0
  const body = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 })
  await expect(readBytes(requestOf(body, 20_001), parts)).rejects.toMatchObject({ code: 'body_too_large' })
  expect(pulls).toBe(0)
})
