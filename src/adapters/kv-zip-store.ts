/** Zip packs in Workers KV. */
import { readZipPack } from '../core/zip/read-zip-pack.ts'
import type { ZipPack } from '../core/zip/zip-pack.ts'
import { zipPackKey } from '../protocol/store-keys.ts'
import { type ZipPackStore, ZipStoreFault } from '../serving/ports.ts'

/** How long a KV read may be answered from the edge's own cache; KV allows no less than 30 s (documentation, 2026-11). A miss is kept as long. */
const CACHE_SECONDS = 60
const OPTIONS = { type: 'text', cacheTtl: CACHE_SECONDS } as const

const parse = (key: string, text: string): ZipPack | ZipStoreFault => {
  try {
    return readZipPack(JSON.parse(text))
  } catch (cause) {
    return new ZipStoreFault('corrupt', `${key} does not hold a zip pack: ${String(cause)}`, { cause })
  }
}

/** One key alone is read alone: a bulk read of one is slower. */
const readTexts = async (
  namespace: KVNamespace,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  const [first] = keys
  if (keys.length === 1 && first !== undefined) return new Map([[first, await namespace.get(first, OPTIONS)]])
  return namespace.get([...keys], OPTIONS)
}

export const kvZipStore = (namespace: KVNamespace): ZipPackStore => ({
  async read(zip3s) {
    const texts = await readTexts(namespace, zip3s.map(zipPackKey)).catch((cause: unknown) => {
      throw new ZipStoreFault('error', `reading ${zipPackKey(zip3s.join())} failed`, { cause })
    })
    return new Map(
      zip3s.map((zip3) => {
        const key = zipPackKey(zip3)
        const text = texts.get(key) ?? null
        return [zip3, text === null ? null : parse(key, text)]
      }),
    )
  },
})
