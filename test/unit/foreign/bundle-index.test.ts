/** Which versions the Worker's bundle holds. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  bundleIndex,
  compareVersions,
  INDEX_FILE,
  versionsIn,
  writeBundleIndex,
} from '../../../src/cli/import/bundle-index.ts'
import { ROOT } from '../../support/bundled-app.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-bundle-index-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe('the index of the bundle', () => {
  it('is what model/ holds', async () => {
    expect(readFileSync(join(ROOT, INDEX_FILE), 'utf8')).toBe(bundleIndex(await versionsIn(join(ROOT, 'model'))))
  })

  it('lists models by name and versions from old to new, so that the newest is stable', async () => {
    for (const version of ['late/1.10.0', 'late/1.9.0', 'late/1.10.0-rc.1', 'early/2.0.0']) {
      mkdirSync(join(scratch, version), { recursive: true })
    }
    const versions = await versionsIn(scratch)
    expect(versions.map(({ name, version }) => `${name}@${version}`)).toEqual([
      'early@2.0.0',
      'late@1.9.0',
      'late@1.10.0-rc.1',
      'late@1.10.0',
    ])
    const text = bundleIndex(versions)
    expect(text).toContain("import late_1_10_0_rc_1_model from '../../model/late/1.10.0-rc.1/model.onnx'\n")
    expect(text).toContain('  { manifest: early_2_0_0_manifest, model: early_2_0_0_model },\n')
  })

  it('orders versions as numbers', () => {
    expect(['1.0.0', '0.9.9', '1.0.0-beta', '1.0.10', '1.0.9'].sort(compareVersions)).toEqual([
      '0.9.9',
      '1.0.0-beta',
      '1.0.0',
      '1.0.9',
      '1.0.10',
    ])
  })

  it('is not written for versions that are kept elsewhere', async () => {
    await expect(writeBundleIndex(scratch)).rejects.toThrow('--bundle goes with versions in model/')
  })
})
