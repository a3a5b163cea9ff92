/** Writes the modules that the dashboard and the beacon are served from: `npm run build:pages`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEACON_FILE, beaconBundleText } from './beacon-bundle.ts'
import { BUNDLE_FILE, bundleText } from './bundle.ts'

for (const [file, text] of [
  [BUNDLE_FILE, await bundleText()],
  [BEACON_FILE, await beaconBundleText()],
] as const) {
  writeFileSync(join(import.meta.dirname, '../..', file), text)
  console.log(`${file}: ${Buffer.byteLength(text)} bytes`)
}
