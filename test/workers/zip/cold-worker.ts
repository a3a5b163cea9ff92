/** A Worker that only looks zips up, in a real KV namespace that takes a while: bundled and started by test/faults/zip-cold-read.test.ts. */
import { kvZipStore } from '../../../src/adapters/kv-zip-store.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { zipPackKey } from '../../../src/protocol/store-keys.ts'
import type { ZipPackStore } from '../../../src/serving/ports.ts'
import { ZipLookup } from '../../../src/serving/zip-lookup.ts'
import { MEANS, PACKS } from '../../support/zips.ts'

/** Set by the test. */
declare const READ_MILLISECONDS: number
declare const DEADLINE_MILLISECONDS: number

let reads = 0
let lookup: ZipLookup | undefined

const lookupOver = (namespace: KVNamespace): ZipLookup => {
  const real = kvZipStore(namespace)
  const slow: ZipPackStore = {
    async read(zip3s, deadline) {
      reads++
      await scheduler.wait(READ_MILLISECONDS)
      return real.read(zip3s, deadline)
    },
  }
  const options = { capacity: 10, deadlineMilliseconds: DEADLINE_MILLISECONDS, refreshMilliseconds: 60_000 }
  return new ZipLookup(slow, MEANS, systemClock, systemTimers, options)
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    if (pathname === '/seed') {
      for (const [zip3, pack] of Object.entries(PACKS))
        await env.ZIP_FEATURES.put(zipPackKey(zip3), JSON.stringify(pack))
      return Response.json({})
    }
    if (pathname === '/reads') return Response.json(reads)
    lookup ??= lookupOver(env.ZIP_FEATURES)
    const background = (work: Promise<unknown>): void => context.waitUntil(work)
    const known = lookup.peek('94107', background)
    const resolved =
      known !== undefined ? new Map() : await lookup.resolve(['94107'], deadlineIn(systemClock, 5_000), background)
    const { outcome, warnings } = known ?? resolved.get('94107') ?? { outcome: 'none', warnings: [] }
    return Response.json({ outcome, warnings })
  },
} satisfies ExportedHandler<{ ZIP_FEATURES: KVNamespace }>
