import { expect, it } from 'vitest'
import { compareWithJsonParse } from '../../fuzz/compare.ts'

/** More by `SCAN_FUZZ_DOCUMENTS`, or by test/fuzz/scan.ts. */
const DOCUMENTS = Number(process.env.SCAN_FUZZ_DOCUMENTS ?? 50_000)

it(
  `${DOCUMENTS} generated and mutated documents are found as JSON.parse finds them`,
  () => {
    const { documents, accepted } = compareWithJsonParse(DOCUMENTS, 1)
    expect(documents).toBe(DOCUMENTS)
    expect(accepted).toBeGreaterThan(DOCUMENTS / 3)
    expect(accepted).toBeLessThan((DOCUMENTS * 2) / 3)
  },
  DOCUMENTS * 2,
)
