import { describe, expect, it } from 'vitest'
import { sharedTimers } from '../../../src/adapters/shared-timers.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

describe('shared timers', () => {
  it('wake each sleeper when its time is over, at most a tenth of a second late, with few timers', async () => {
    const clock = new ManualClock()
    const timers = sharedTimers(clock, clock)
    const woken: number[] = []
    const wake = (at: number) => timers.sleep(at).then(() => woken.push(at))
    for (let at = 0; at < 1_000; at++) void wake(at)
    await settle()
    expect(clock.sleeping).toBe(11)
    for (let now = 0; now <= 1_100; now += 10) {
      expect(woken.every((at) => at <= now)).toBe(true)
      for (let at = 0; at + 100 < now && at < 1_000; at += 50) expect(woken).toContain(at)
      await clock.advance(10)
    }
    expect(woken.length).toBe(1_000)
    expect(clock.sleeping).toBe(0)
  })
})
