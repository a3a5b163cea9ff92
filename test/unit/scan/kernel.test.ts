import { expect, it } from 'vitest'
import { compileKernel } from '../../../ops/scan-kernel/compile.ts'
import { KERNEL_BASE64 } from '../../../src/core/scan/kernel-wasm.ts'

it('the stored kernel is what its sources compile to', async () => {
  expect(Buffer.from(await compileKernel()).toString('base64')).toBe(KERNEL_BASE64)
})
