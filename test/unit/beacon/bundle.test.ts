import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BEACON_FILE, BEACON_GATES, beaconBundleText, beaconScripts } from '../../../ops/pages/beacon-bundle.ts'

const ROOT = join(import.meta.dirname, '../../..')
const scripts = await beaconScripts()

describe('the scripts of the beacon', () => {
  it('are served as src/beacon is now (else: npm run build:pages)', async () => {
    expect(readFileSync(join(ROOT, BEACON_FILE), 'utf8') === (await beaconBundleText())).toBe(true)
  })

  it.each(['core', 'auto'] as const)('stay within their size: %s', (name) => {
    const { byteLength } = gzipSync(scripts[name], { level: 9 })
    expect(byteLength).toBeGreaterThan(500)
    expect(byteLength).toBeLessThanOrEqual(BEACON_GATES[name])
  })

  it.each(['core', 'auto'] as const)('hold nothing that a strict policy or a visitor would mind: %s', (name) => {
    expect(scripts[name]).not.toMatch(
      /\beval\b|\bFunction\(|innerHTML|\.style\b|cookie|userAgent|location\.search|referrer/,
    )
  })

  it.each(['core', 'auto'] as const)('have the size that docs/beacon.md tells: %s', (name) => {
    const told = new Intl.NumberFormat('en')
    const row = `| ${told.format(gzipSync(scripts[name], { level: 9 }).byteLength)} bytes | ${told.format(BEACON_GATES[name])} |`
    expect(readFileSync(join(ROOT, 'docs', 'beacon.md'), 'utf8')).toContain(row)
  })
})
