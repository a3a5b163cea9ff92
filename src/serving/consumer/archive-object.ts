/** The archive object of a message while it is made, and read back. */
import { isJsonObject } from '../../core/json.ts'
import { MAX_LINE_DEPTH } from '../../protocol/archive-line.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { gunzip, LineJoiner } from '../archive/join-lines.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Lines as they are added, compressed at once: a message may bring many large events. */
export class ArchiveObject {
  readonly #lines = new LineJoiner()
  readonly #ids = new Set<string>()

  get isEmpty(): boolean {
    return this.#ids.size === 0
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Lines by the ids of their events. */
  async add(lines: ReadonlyMap<string, string>): Promise<void> {
    if (lines.size === 0) return
    for (const id of lines.keys()) this.#ids.add(id)
    await this.#lines.add(encoder.encode([...lines.values(), ''].join('\n')))
  }

  /** The object, gzip; nothing is added from here on. */
  end(): Promise<Uint8Array> {
    return this.#lines.end()
  }
}

/** A message's events have 100 KB, or 4 MB each where they were too large for it. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024

/** The lines of an object by the ids of their events. Throws what `gunzip` throws. */
export const linesOf = async (object: Uint8Array): Promise<ReadonlyMap<string, string>> => {
  const lines = new Map<string, string>()
  for (const line of decoder.decode(await gunzip(object, MAX_OBJECT_BYTES)).split('\n')) {
    if (line === '') continue
    const value = parseJson(line, undefined, MAX_LINE_DEPTH)
    if (isJsonObject(value) && typeof value._id === 'string') lines.set(value._id, line)
  }
  return lines
}
