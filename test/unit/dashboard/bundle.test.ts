import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUNDLED_PAGES, bundleText } from '../../../ops/pages/bundle.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('the module that a page is served from', () => {
  it.each(BUNDLED_PAGES.map((page) => [page.room, page] as const))(
    'is made from src/%s as it is now (else: npm run build:pages)',
    async (_, page) => {
      // Not toBe: its difference would fill the screen.
      expect(readFileSync(join(ROOT, page.file), 'utf8') === (await bundleText(page))).toBe(true)
    },
  )
})
