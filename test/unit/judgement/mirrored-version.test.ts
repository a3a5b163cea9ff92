import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makeMirrored } from '../../fixtures/release/mirrored.ts'

it('the mirrored network is, byte for byte, what the fixture holds', () => {
  expect(Buffer.compare(makeMirrored(), readFileSync('test/fixtures/release/mirrored.onnx'))).toBe(0)
})
