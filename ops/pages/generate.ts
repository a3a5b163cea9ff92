/** Writes the modules that the pages and the beacon are served from: `npm run build:pages`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEACON_FILE, beaconBundleText } from './beacon-bundle.ts'
import { BUNDLED_PAGES, bundleText } from './bundle.ts'

const pages = BUNDLED_PAGES.map(async (page) => [page.file, await bundleText(page)] as const)
for (const [file, text] of [...(await Promise.all(pages)), [BEACON_FILE, await beaconBundleText()] as const]) {
  writeFileSync(join(import.meta.dirname, '../..', file), text)
  console.log(`${file}: ${Buffer.byteLength(text)} bytes`)
}
