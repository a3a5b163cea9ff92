import { expect, it } from 'vitest'
import { murmur3 } from '../../../src/core/hash/murmur3.ts'
import fixture from '../../fixtures/hash/murmur3.json' with { type: 'json' }

it.each(fixture.rows as [string, number, string][])('hashes %j with seed %d as mmh3 does', (text, seed, digest) => {
  expect(murmur3(new TextEncoder().encode(text), seed)).toBe(digest)
})
