import { describe, expect, it } from 'vitest'
import { fuzzBodies } from '../../fuzz/bodies-run.ts'

/** More by `FUZZ_BODIES`, or by test/fuzz/bodies.ts. */
const BODIES = Number(process.env.FUZZ_BODIES ?? 30_000)
/** Growth of the heap, MB, that is no leak: the bodies have more than ten times as many. */
const ALLOWED_MEGABYTES = 64

describe('generated and mutated bodies', () => {
  it(
    `are read, or refused with a Failure that blames the caller: ${BODIES} of them, in bounded memory`,
    async () => {
      const { bodies, accepted, failures, warmMegabytes, lastMegabytes } = await fuzzBodies(BODIES, 1)
      expect(bodies).toBe(BODIES)
      expect(accepted).toBeGreaterThan(BODIES / 10)
      expect(Object.keys(failures)).toEqual(
        expect.arrayContaining(['invalid_json', 'invalid_utf8', 'too_deep', 'missing_time', 'incomplete_body']),
      )
      expect(lastMegabytes - warmMegabytes).toBeLessThan(ALLOWED_MEGABYTES)
    },
    60_000 + BODIES * 2,
  )

  it('come to the same end in every run of the same seed, and to another with another seed', async () => {
    const [first, again, other] = [await fuzzBodies(2_000, 7), await fuzzBodies(2_000, 7), await fuzzBodies(2_000, 8)]
    expect(again.digest).toBe(first.digest)
    expect(other.digest).not.toBe(first.digest)
  })
})
