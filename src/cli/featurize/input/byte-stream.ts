/** Any readable stream as the chunks of a source, decompressed where it is compressed. */
import { once } from 'node:events'
import { addAbortSignal, type Readable } from 'node:stream'
import { type SourceChunk, SourceFailure } from '../source.ts'
import { compressionOf, decompressor, MAGIC_BYTES } from './decompress.ts'

/** Counts what passes. */
async function* counted(stream: Readable, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count(chunk.length)
    yield chunk
  }
}

/** The first bytes of `chunks`, as many as tell how they are compressed, and all of them again. */
const peek = async (
  chunks: AsyncGenerator<Buffer>,
): Promise<{ readonly start: Buffer; readonly all: AsyncIterable<Buffer> }> => {
  let start = Buffer.alloc(0)
  while (start.length < MAGIC_BYTES) {
    const { value, done } = await chunks.next()
    if (done === true) break
    start = Buffer.concat([start, value])
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start
    yield* chunks
  }
  return { start, all: all() }
}

/** Writes `chunks` to `to`, no faster than it takes them. */
const pour = async (chunks: AsyncIterable<Buffer>, to: NodeJS.WritableStream): Promise<void> => {
  for await (const chunk of chunks) if (!to.write(chunk)) await once(to, 'drain')
  to.end()
}

/** A copy with memory of its own, which may be transferred. */
const owned = (chunk: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(chunk)

/**
 * The bytes of `stream`, `position` counted before decompression. Rejects with a SourceFailure for an archive that is damaged or cut off,
 * with the error of the stream, or with the reason of `signal`.
 */
export async function* byteStream(
  stream: Readable,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<SourceChunk, void> {
  addAbortSignal(signal, stream)
  let position = 0
  const { start, all } = await peek(
    counted(stream, (bytes) => {
      position += bytes
    }),
  )
  const compression = compressionOf(start)
  if (compression === undefined) {
    for await (const chunk of all) yield { bytes: owned(chunk), position }
    return
  }
  const inflated = decompressor(compression, name)
  const poured = pour(all, inflated).catch((error: Error) => inflated.destroy(error))
  try {
    for await (const chunk of inflated as AsyncIterable<Buffer>) yield { bytes: owned(chunk), position }
  } catch (error) {
    if (signal.aborted) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new SourceFailure(`${name} cannot be decompressed (${compression}) to its end: ${reason}`)
  } finally {
    inflated.destroy()
    stream.destroy()
    await poured
  }
}
