import { describe, expect, it } from 'vitest'
import { LetterQuota } from '../../../src/serving/letters/letter-quota.ts'
import { letterOf } from '../../support/letters.ts'
import { ManualClock } from '../../support/manual-clock.ts'

describe('what an isolate knows of the quota', () => {
  it('is asked about again after minutes: the object may have been in the hour before when it counted', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1, 13))
    const quota = new LetterQuota(clock, 1_000)
    const letter = letterOf('x')
    quota.usedUp(letter.code)
    expect(quota.isUsedUp(letter)).toBe(true)
    expect(quota.isUsedUp(letterOf('x', { code: 'invalid_json' }))).toBe(false)
    await clock.advance(299_999)
    expect(quota.isUsedUp(letter)).toBe(true)
    await clock.advance(1)
    expect(quota.isUsedUp(letter)).toBe(false)
  })
})
