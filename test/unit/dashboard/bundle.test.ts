import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUNDLE_FILE, bundleText } from '../../../ops/pages/bundle.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('the module that the dashboard is served from', () => {
  it('is made from src/dashboard as it is now (else: npm run build:pages)', async () => {
    // Not toBe: its difference would fill the screen.
    expect(readFileSync(join(ROOT, BUNDLE_FILE), 'utf8') === (await bundleText())).toBe(true)
  })
})
