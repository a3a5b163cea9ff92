import { describe, expect, it } from 'vitest'
import { type Outcome, Poller, pauseAfter } from '../../../src/dashboard/poll.ts'

const GOOD: Outcome = { isGood: true, againMilliseconds: 0 }
const BAD: Outcome = { isGood: false, againMilliseconds: 0 }

/** Timers that ring when they are told to. */
const handTimers = () => {
  const waiting = new Map<number, { readonly run: () => void; readonly milliseconds: number }>()
  let made = 0
  return {
    set: (run: () => void, milliseconds: number) => {
      waiting.set(++made, { run, milliseconds })
      return made
    },
    clear: (timer: number) => void waiting.delete(timer),
    pauses: () => [...waiting.values()].map(({ milliseconds }) => milliseconds),
    ring: () => {
      const all = [...waiting.values()]
      waiting.clear()
      for (const { run } of all) run()
    },
  }
}
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

describe('asking again and again', () => {
  it('waits twice as long with each failure, a minute at most, and is back at once', () => {
    expect([0, 1, 2, 3, 9].map((failures) => pauseAfter(2_500, failures))).toEqual([
      2_500, 5_000, 10_000, 20_000, 60_000,
    ])
    expect(pauseAfter(120_000, 4)).toBe(120_000)
  })

  it('asks once at a time, and heeds how long the server wants to be left alone', async () => {
    const timers = handTimers()
    const outcomes = [GOOD, BAD, { isGood: false, againMilliseconds: 30_000 }, GOOD]
    let asked = 0
    const poller = new Poller(
      async () => outcomes[asked++] ?? GOOD,
      () => 2_000,
      timers,
    )
    poller.start()
    const pauses: number[] = []
    for (let round = 0; round < 4; round++) {
      await settle()
      pauses.push(...timers.pauses())
      timers.ring()
    }
    expect(pauses).toEqual([2_000, 4_000, 30_000, 2_000])
  })

  it('drops what is under way when it is stopped or starts anew', async () => {
    const timers = handTimers()
    const signals: AbortSignal[] = []
    const poller = new Poller(
      async (signal) => {
        signals.push(signal)
        return GOOD
      },
      () => 2_000,
      timers,
    )
    poller.start()
    poller.start()
    await settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(timers.pauses()).toEqual([2_000])
    poller.stop()
    expect(timers.pauses()).toEqual([])
  })
})
