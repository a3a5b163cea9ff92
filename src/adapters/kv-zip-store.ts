/** Zip packs in Workers KV. */
import { readZipPack } from '../core/zip/read-zip-pack.ts'
import { zipPackKey } from '../protocol/store-keys.ts'
import { type ZipPackStore, ZipStoreFault } from '../serving/ports.ts'

/** How long a KV read may be answered from the edge's own cache; KV allows no less than 30 s (documentation, 2026-11). A miss is kept as long. */
const CACHE_SECONDS = 60

export const kvZipStore = (namespace: KVNamespace): ZipPackStore => ({
  async read(zip3) {
    const text = await namespace
      .get(zipPackKey(zip3), { type: 'text', cacheTtl: CACHE_SECONDS })
      .catch((cause: unknown) => {
        throw new ZipStoreFault('error', `reading ${zipPackKey(zip3)} failed`, { cause })
      })
    if (text === null) return null
    try {
      return readZipPack(JSON.parse(text))
    } catch (cause) {
      throw new ZipStoreFault('corrupt', `${zipPackKey(zip3)} does not hold a zip pack: ${String(cause)}`, { cause })
    }
  },
})
