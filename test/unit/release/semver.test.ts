import { describe, expect, it } from 'vitest'
import {
  comparePrecedence,
  compareVersions,
  parseSemanticVersion,
  type SemanticVersion,
} from '../../../src/core/release/semver.ts'
import fixture from '../../fixtures/release/semver.json' with { type: 'json' }

const parsed = (text: string): SemanticVersion => {
  const version = parseSemanticVersion(text)
  if (version === null) throw new Error(`${text} is no semantic version`)
  return version
}

/** The example of clause 11 of the specification. */
const ASCENDING = [
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '2.0.0',
  '2.1.0',
  '2.1.1',
]

describe('a semantic version', () => {
  it('has three numbers, a prerelease and a build', () => {
    expect(parseSemanticVersion('1.0.0-rc.1+20261202.a')).toEqual({
      core: ['1', '0', '0'],
      prerelease: ['rc', '1'],
      build: ['20261202', 'a'],
    })
  })

  it.each([
    '0.0.4',
    '1.0.0-0A.is.legal',
    '1.0.0--',
    '1.0.0+001',
    '1.2.3----RC-SNAPSHOT.12.9.1--.12+788',
    '1.0.0-alpha0.valid',
  ])('may be %j', (text) => {
    expect(parseSemanticVersion(text)).not.toBeNull()
  })

  it.each([
    '',
    '1',
    '1.2',
    '1.2.3.4',
    'v1.0.0',
    '01.0.0',
    '1.0.0-01',
    '1.0.0-',
    '1.0.0+',
    '1.0.0-a..b',
    '1.0.0-é',
    ' 1.0.0',
    '1.0.0\n',
  ])('is never %j', (text) => {
    expect(parseSemanticVersion(text)).toBeNull()
  })
})

describe('the order of versions', () => {
  it('is that of the specification', () => {
    expect([...ASCENDING].reverse().sort(compareVersions)).toEqual(ASCENDING)
  })

  it('is that of node-semver', () => {
    const wrong = fixture.pairs.filter(
      ([a, b, order]) => Math.sign(comparePrecedence(parsed(a as string), parsed(b as string))) !== order,
    )
    expect(wrong).toEqual([])
  })

  it('knows numbers of any length', () => {
    const small = '1.0.90071992547409921'
    const large = '1.0.90071992547409930'
    expect([large, small].sort(compareVersions)).toEqual([small, large])
  })

  it('leaves no two texts equal, and puts what is no version first', () => {
    expect(['1.0.0+b', '1.0.0+a', '0.0.1', 'next', '01.0.0'].sort(compareVersions)).toEqual([
      '01.0.0',
      'next',
      '0.0.1',
      '1.0.0+a',
      '1.0.0+b',
    ])
  })
})
