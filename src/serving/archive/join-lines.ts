/** Joins objects of gzipped lines into one, with bounded memory. */

/** An object that is not what it should be. */
export class UnreadableObject extends Error {
  override readonly name = 'UnreadableObject'
}

const NEWLINE = 10

const concatenate = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Reads `stream` to its end. Throws an UnreadableObject beyond `limit` bytes. */
const collect = async (stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> => {
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return concatenate(parts, length)
    length += value.length
    if (length > limit) {
      await reader.cancel().catch(() => undefined)
      throw new UnreadableObject(`it holds more than ${limit} bytes`)
    }
    parts.push(value)
  }
}

/** The bytes of a gzip member. Throws an UnreadableObject for what is none, and beyond `limit` bytes. */
export const gunzip = async (bytes: Uint8Array, limit: number): Promise<Uint8Array> => {
  const stream = new DecompressionStream('gzip')
  const writer = stream.writable.getWriter()
  // What is wrong with the input shows on the other side as well.
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close())
  written.catch(() => undefined)
  try {
    return await collect(stream.readable, limit)
  } catch (cause) {
    if (cause instanceof UnreadableObject) throw cause
    throw new UnreadableObject('it is not gzip', { cause })
  }
}

/** One gzip member of everything that is added; only the compressed bytes are held. */
export class LineJoiner {
  readonly #stream = new CompressionStream('gzip')
  readonly #writer = this.#stream.writable.getWriter()
  readonly #compressed = collect(this.#stream.readable, Number.POSITIVE_INFINITY)
  /** Bytes added so far, not compressed. */
  rawBytes = 0

  constructor() {
    this.#compressed.catch(() => undefined)
  }

  /** Adds whole lines; a last newline that is missing is added. */
  async add(lines: Uint8Array): Promise<void> {
    if (lines.length === 0) return
    await this.#writer.write(lines as Uint8Array<ArrayBuffer>)
    this.rawBytes += lines.length
    if (lines.at(-1) === NEWLINE) return
    await this.#writer.write(Uint8Array.of(NEWLINE))
    this.rawBytes++
  }

  async end(): Promise<Uint8Array> {
    await this.#writer.close()
    return this.#compressed
  }
}
