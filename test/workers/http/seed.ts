/** Puts the two zip packs of the tests into the real local KV. */
import { env } from 'cloudflare:workers'
import { zipPackKey } from '../../../src/protocol/store-keys.ts'
import { PACKS } from '../../support/zips.ts'

export const seedZips = async (): Promise<void> => {
  for (const [zip3, pack] of Object.entries(PACKS)) await env.ZIP_FEATURES.put(zipPackKey(zip3), JSON.stringify(pack))
}
