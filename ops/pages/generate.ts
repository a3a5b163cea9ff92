/** Writes the module that the dashboard is served from: `npm run build:pages`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_FILE, bundleText } from './bundle.ts'

const text = await bundleText()
writeFileSync(join(import.meta.dirname, '../..', BUNDLE_FILE), text)
console.log(`${BUNDLE_FILE}: ${Buffer.byteLength(text)} bytes`)
