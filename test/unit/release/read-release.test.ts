import { describe, expect, it } from 'vitest'
import { readRelease } from '../../../src/core/release/read-release.ts'
import { bundledRelease, type Release } from '../../../src/core/release/release.ts'

const FULL: Release = {
  format: 1,
  model: 'late-arrival',
  revision: 12,
  stable: '1.0.0',
  canary: { version: '1.2.0', share: 0.05, since: 1_731_880_381_293 },
  shadow: { version: '1.3.0', since: 1_731_880_381_293 },
  fallback: '0.9.0',
  hold: { reason: 'holidays', until: 1_731_980_381_293, by: { kind: 'operator', name: 'ada' } },
  rolledBack: ['1.1.0'],
  changedAt: 1_731_880_435_370,
}

describe('a stored release', () => {
  it.each([
    ['the bundled one', bundledRelease('late-arrival', '1.0.0')],
    ['a full one', FULL],
  ])('reads back: %s', (_, release) => {
    expect(readRelease(JSON.parse(JSON.stringify(release)))).toEqual(release)
  })

  it('reads without the fields that newer code adds', () => {
    const newer = {
      ...FULL,
      region: 'eu',
      canary: { ...FULL.canary, ramp: [0.05, 0.2] },
      shadow: { ...FULL.shadow, sample: 0.1 },
      hold: { ...FULL.hold, ticket: 7, by: { kind: 'operator', name: 'ada', role: 'owner' } },
    }
    expect(readRelease(newer)).toEqual(FULL)
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', '{}'],
    ['a list', [FULL]],
    ['another format', { ...FULL, format: 2 }],
    ['no model', { ...FULL, model: '' }],
    ['half a revision', { ...FULL, revision: 1.5 }],
    ['a revision below 0', { ...FULL, revision: -1 }],
    ['a number as stable', { ...FULL, stable: 1 }],
    ['a canary without share', { ...FULL, canary: { version: '1.2.0', since: 0 } }],
    ['a canary with the share 1', { ...FULL, canary: { version: '1.2.0', share: 1, since: 0 } }],
    ['the stable version as canary', { ...FULL, canary: { version: '1.0.0', share: 0.1, since: 0 } }],
    ['no canary field', { ...FULL, canary: undefined }],
    ['a shadow without time', { ...FULL, shadow: { version: '1.3.0' } }],
    ['a fallback that is no text', { ...FULL, fallback: 9 }],
    ['a fallback that was rolled back', { ...FULL, fallback: '1.1.0' }],
    ['a stable version that was rolled back', { ...FULL, rolledBack: ['1.0.0'] }],
    ['rolled-back versions that are no list', { ...FULL, rolledBack: '1.1.0' }],
    ['a rolled-back version that is no text', { ...FULL, rolledBack: [null] }],
    ['a hold by nobody', { ...FULL, hold: { reason: 'holidays', until: null } }],
    ['a hold by an unknown kind', { ...FULL, hold: { ...FULL.hold, by: { kind: 'clock', name: 'x' } } }],
    ['a hold that ends at no time', { ...FULL, hold: { ...FULL.hold, until: 'monday' } }],
    ['a hold that ends after the last date', { ...FULL, hold: { ...FULL.hold, until: 9e15 } }],
    ['no time of change', { ...FULL, changedAt: null }],
  ])('is not %s', (_, json) => {
    expect(readRelease(json)).toBeNull()
  })
})
