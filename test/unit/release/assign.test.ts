import { describe, expect, it } from 'vitest'
import { armOf, CANARY_KNOWLEDGE_MILLISECONDS, positionOf } from '../../../src/core/release/assign.ts'
import { bundledRelease, type Release } from '../../../src/core/release/release.ts'
import { murmur3Text } from '../../../src/core/release/unit-hash.ts'
import { seededRandom } from '../../../src/training/random.ts'
import fixture from '../../fixtures/release/assignment.json' with { type: 'json' }

const MODEL = 'late-arrival'
const UNITS = 1_000_000
const SHARES = [0.01, 0.05, 0.2, 0.5]

const withCanary = (share: number): Release => ({
  ...bundledRelease(MODEL, '1.0.0'),
  canary: { version: '1.1.0', share, since: 0 },
})

/** `digits` hexadecimal digits. */
const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0')
const random = seededRandom(7)
const half = (): string => hex(random() * 2 ** 32, 8)

/** Unit ids as they are met: the `index`-th of each kind. */
const KINDS: Record<string, (index: number) => string> = {
  'sequential numbers': (index) => String(index),
  'sequential numbers of one length': (index) => String(1e9 + index),
  'sessions with a common prefix': (index) => `session-2026-12-02-eu-west-1-${index}`,
  'ids with a common suffix': (index) => `${index}@visitors.example`,
  'times in milliseconds': (index) => String(1_731_880_381_293 + index * 7),
  'random UUIDs': () => {
    const [a, b, c, d] = [half(), half(), half(), half()]
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
  },
  'UUIDs in the order of time': (index) => {
    const time = hex(1_731_880_381_293 + index, 12)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${half().slice(5)}-8${half().slice(5)}-${half()}0000`
  },
}

const positionsOf = (model: string, unitAt: (index: number) => string): Float64Array =>
  Float64Array.from({ length: UNITS }, (_, index) => positionOf(model, unitAt(index)))

const shareBelow = (positions: Float64Array, share: number): number =>
  positions.reduce((count, position) => count + Number(position < share), 0) / positions.length

/** Pearson's statistic of `counts` against a uniform distribution. */
const chiSquare = (counts: Float64Array): number => {
  const expected = UNITS / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

const expectWithin = (value: number, [least, greatest]: readonly number[]): void => {
  expect(value).toBeGreaterThan(least as number)
  expect(value).toBeLessThan(greatest as number)
}

describe('the position of a unit', () => {
  it('is hashed as mmh3 does', () => {
    const wrong = fixture.hashes.filter(([text, seed, hash]) => murmur3Text(text as string, seed as number) !== hash)
    expect(wrong).toEqual([])
  })

  it('is what Python gives for the same model and unit', () => {
    const wrong = fixture.positions.filter(
      ([model, unit, position]) => positionOf(model as string, unit as string) !== position,
    )
    expect(wrong).toEqual([])
  })

  it('of a text with a lone surrogate is that of its UTF-8 form', () => {
    for (const broken of ['\ud83d', 'a\udc00b', '\udc00\ud83d'])
      expect(positionOf(MODEL, broken)).toBe(positionOf(MODEL, broken.toWellFormed()))
  })
})

describe.each(Object.entries(KINDS))('a million units, %s', (_, unitAt) => {
  const positions = positionsOf(MODEL, unitAt)

  it('come as close to every share as chance lets them', () => {
    for (const share of SHARES) {
      const deviation = Math.sqrt((share * (1 - share)) / UNITS)
      expect(Math.abs(shareBelow(positions, share) - share)).toBeLessThan(fixture.critical.normal * deviation)
    }
  })

  it('spread evenly over a thousand bins', () => {
    const counts = new Float64Array(1000)
    for (const position of positions) counts[Math.floor(position * 1000)] += 1
    expectWithin(chiSquare(counts), fixture.critical.chi_square_999)
  })

  it('stand elsewhere for another model', () => {
    const others = positionsOf('delivery-days', unitAt)
    const joint = new Float64Array(32 * 32)
    let product = 0
    for (const [index, position] of positions.entries()) {
      const other = others[index] as number
      product += (position - 0.5) * (other - 0.5)
      joint[Math.floor(position * 32) * 32 + Math.floor(other * 32)] += 1
    }
    // A product of two independent uniforms around their mean has the standard deviation 1/12.
    expect(Math.abs(product * 12) / Math.sqrt(UNITS)).toBeLessThan(fixture.critical.normal)
    expectWithin(chiSquare(joint), fixture.critical.chi_square_1023)
  })
})

// Chance alone takes 5 in 100 sets of a million units further than that from a half: a standard deviation there is 0.05 points.
it.each(['random UUIDs', 'sessions with a common prefix'])(
  'a million %s are within 0.1 points of every share',
  (kind) => {
    const positions = positionsOf(MODEL, KINDS[kind] as (index: number) => string)
    for (const share of SHARES) expect(Math.abs(shareBelow(positions, share) - share)).toBeLessThan(0.001)
  },
)

describe('a share that grows', () => {
  it('moves no one from canary to stable', () => {
    const [small, large] = [withCanary(0.05), withCanary(0.2)]
    let [kept, added, lost] = [0, 0, 0]
    for (let index = 0; index < UNITS; index++) {
      const before = armOf(small, `s-${index}`, 0)
      const after = armOf(large, `s-${index}`, 0)
      if (before === 'canary' && after === 'canary') kept++
      else if (after === 'canary') added++
      else if (before === 'canary') lost++
    }
    expect(lost).toBe(0)
    expect(kept / UNITS).toBeCloseTo(0.05, 3)
    expect(added / UNITS).toBeCloseTo(0.15, 3)
  })

  it('keeps the visitors of an earlier canary when another version follows it', () => {
    const first = withCanary(0.05)
    const second = { ...first, canary: { version: '1.2.0', share: 0.05, since: 9 } }
    for (let index = 0; index < 1000; index++)
      expect(armOf(second, `s-${index}`, 0)).toBe(armOf(first, `s-${index}`, 0))
  })
})

describe('who answers', () => {
  const release = withCanary(0.999999)

  it('is stable where there is no canary', () => {
    expect(armOf(bundledRelease(MODEL, '1.0.0'), 's-1', 0)).toBe('stable')
  })

  it('is stable where nothing identifies the visitor or the event', () => {
    expect(armOf(release, null, 0)).toBe('stable')
  })

  it('is the canary only on knowledge under 10 s old', () => {
    expect(armOf(release, 's-1', 0)).toBe('canary')
    expect(armOf(release, 's-1', CANARY_KNOWLEDGE_MILLISECONDS - 1)).toBe('canary')
    expect(armOf(release, 's-1', 10_000)).toBe('stable')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('is stable on knowledge of the impossible age %d', (age) => {
    expect(armOf(release, 's-1', age)).toBe('stable')
  })
})
