/** Copies of the releases in Workers KV: at least half a minute behind, and there when no controller answers. */
import { readRelease } from '../core/release/read-release.ts'
import { releaseKey } from '../protocol/store-keys.ts'
import type { ReleaseStore } from '../serving/ports.ts'

/** The least KV allows (documentation, 2026-11). A miss is kept as long. */
const OPTIONS = { type: 'json', cacheTtl: 30 } as const

export const kvReleases = (namespace: KVNamespace): ReleaseStore => ({
  async read(model) {
    const stored = await namespace.get<unknown>(releaseKey(model), OPTIONS)
    if (stored === null) return null
    const release = readRelease(stored)
    if (release?.model !== model) throw new Error(`${releaseKey(model)} does not hold a release of that model`)
    return release
  },
})
