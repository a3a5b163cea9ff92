/** Copies of the releases in Workers KV: at least half a minute behind, and there when no controller answers. */
import { readRelease } from '../core/release/read-release.ts'
import type { Release } from '../core/release/release.ts'
import { releaseKey } from '../protocol/store-keys.ts'
import { type ReleaseStore, StoreGarbage } from '../serving/ports.ts'

/** The least KV allows (documentation, 2026-11). A miss is kept as long. */
const OPTIONS = { type: 'text', cacheTtl: 30 } as const

const parse = (model: string, text: string): Release => {
  try {
    const release = readRelease(JSON.parse(text))
    if (release?.model === model) return release
  } catch (cause) {
    throw new StoreGarbage(`${releaseKey(model)} does not hold a release: ${String(cause)}`, { cause })
  }
  throw new StoreGarbage(`${releaseKey(model)} does not hold a release of that model`)
}

export const kvReleases = (namespace: KVNamespace): ReleaseStore => ({
  async read(model) {
    const stored = await namespace.get(releaseKey(model), OPTIONS)
    return stored === null ? null : parse(model, stored)
  },
})
