import { describe, expect, it } from 'vitest'
import { LatencyProbe } from '../../../src/serving/measure.ts'
import { Observer } from '../../../src/serving/observe.ts'
import { HeldBackground } from '../../support/background.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemoryStatistics, probabilities } from '../../support/statistics.ts'

const setUp = (every: number, offset: number, boundaryMilliseconds: number) => {
  const clock = new ManualClock()
  const statistics = new MemoryStatistics()
  const background = new HeldBackground()
  const observer = new Observer(
    { statistics, clock, timers: clock, randomId: () => 'isolate', layoutOf: probabilities },
    { codeVersion: 'c', intervalMilliseconds: 1_000, deadlineMilliseconds: 2_000, giveUpMilliseconds: 60_000 },
  )
  const probe = new LatencyProbe(observer, clock, () => clock.sleep(boundaryMilliseconds), every, offset)
  const answer = (): void =>
    probe.answered({ model: 'm', version: '1.0.0', stages: { start: clock.now(), list: [] } }, background.run)
  const latency = async () => {
    await clock.advance(5_000)
    return statistics.counts.versions['m@1.0.0']?.latency
  }
  return { answer, latency }
}
const sum = (counts: readonly number[] = []): number => counts.reduce((total, count) => total + count, 0)

describe('the latency of requests', () => {
  it('is measured for one in sixteen, which stands for all of them', async () => {
    const { answer, latency } = setUp(16, 3, 4)
    for (let request = 0; request < 160; request++) answer()
    expect(sum((await latency())?.counts)).toBe(160)
  })

  it.each([
    [0, 16],
    [15, 0],
  ])('is measured from the request after the first %d on', async (offset, counted) => {
    const { answer, latency } = setUp(16, offset, 4)
    answer()
    expect(sum((await latency())?.counts)).toBe(counted)
  })

  it('includes what passed until the clock had moved, after the answer', async () => {
    const { answer, latency } = setUp(1, 0, 7)
    answer()
    expect((await latency())?.sum_microseconds).toBe(7_000)
  })

  it('is unknown, not zero, when the clock did not move', async () => {
    const { answer, latency } = setUp(1, 0, 0)
    answer()
    const measured = await latency()
    expect(measured?.unknown).toBe(1)
    expect(sum(measured?.counts)).toBe(0)
  })
})
