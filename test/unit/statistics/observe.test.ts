import { describe, expect, it } from 'vitest'
import { eventsIn } from '../../../src/core/statistics/counts.ts'
import { Observer, type ObserverOptions } from '../../../src/serving/observe.ts'
import type { Statistics, Timers } from '../../../src/serving/ports.ts'
import { HeldBackground } from '../../support/background.ts'
import { FaultyStatistics } from '../../support/faulty-statistics.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemoryStatistics, probabilities } from '../../support/statistics.ts'

const MINUTES = 60_000

const OPTIONS: ObserverOptions = {
  codeVersion: 'code-1',
  intervalMilliseconds: 1_000,
  deadlineMilliseconds: 2_000,
  giveUpMilliseconds: 12 * MINUTES,
}

const leastGap = (times: readonly number[]): number => Math.min(...times.slice(1).map((at, i) => at - (times[i] ?? 0)))

const setUp = (timersOf: (clock: ManualClock) => Timers = (clock) => clock) => {
  const clock = new ManualClock()
  const memory = new MemoryStatistics()
  const faulty = new FaultyStatistics(memory)
  /** When `send` was called. */
  const calls: number[] = []
  const statistics: Statistics = {
    send: (delta, deadline) => {
      calls.push(clock.now())
      return faulty.send(delta, deadline)
    },
    read: (window, deadline) => faulty.read(window, deadline),
  }
  let ids = 0
  const parts = {
    statistics,
    clock,
    timers: timersOf(clock),
    randomId: () => `isolate-${++ids}`,
    layoutOf: probabilities,
  }
  const observer = new Observer(parts, OPTIONS)
  const background = new HeldBackground()
  const predict = (): void => {
    observer.prediction({ model: 'late-arrival', version: '1.0.0', outputs: { late_probability: 0.3 }, flags: [] })
    observer.afterAnswer(background.run)
  }
  /** One prediction every `every` milliseconds; returns how many. */
  const traffic = async (milliseconds: number, every: number): Promise<number> => {
    const count = milliseconds / every
    for (let event = 0; event < count; event++) {
      predict()
      await clock.advance(every)
    }
    return count
  }
  return { clock, memory, faulty, calls, observer, background, predict, traffic, ids: () => ids }
}

describe('an isolate that observes', () => {
  it('sends what it has counted a second after the first observation, and waits for no other request', async () => {
    const { clock, memory, observer, background, predict } = setUp()
    predict()
    await clock.advance(300)
    observer.failure({ code: 'model_failed', model: 'late-arrival', version: '1.0.0' })
    observer.failure({ code: 'invalid_json' })
    observer.zipLookup('memory')
    observer.latency({ model: 'late-arrival', version: '1.0.0', duration: { known: false }, weight: 16 })
    observer.afterAnswer(background.run)
    await clock.advance(699)
    expect(memory.sent).toEqual([])
    await clock.advance(1)
    expect(memory.sent).toHaveLength(1)
    expect(memory.sent[0]).toMatchObject({ format: 1, isolate: 'isolate-1', sequence: 1, code_version: 'code-1' })
    expect(memory.counts).toMatchObject({ rejected: { invalid_json: 1 }, zip_lookups: { memory: 1 } })
    expect(memory.counts.versions['late-arrival@1.0.0']).toMatchObject({
      predictions: 1,
      errors: { model_failed: 1 },
      latency: { unknown: 16, sum_microseconds: 0 },
    })
    await clock.advance(60_000)
    expect(memory.sent).toHaveLength(1)
  })

  it('throws no dice and makes no call before something was observed', async () => {
    const { clock, observer, background, calls, ids } = setUp()
    observer.afterAnswer(background.run)
    await clock.advance(10_000)
    expect(calls).toEqual([])
    expect(ids()).toBe(0)
  })

  it('makes at most one call a second, whatever the traffic, and loses nothing', async () => {
    const { clock, memory, calls, traffic } = setUp()
    const events = await traffic(30_000, 10)
    await clock.advance(2_000)
    expect(eventsIn(memory.counts)).toBe(events)
    expect(calls.length).toBeGreaterThanOrEqual(29)
    expect(leastGap(calls)).toBeGreaterThanOrEqual(1_000)
  })

  it('sends a delta again unchanged when the reply was lost, counts it once, and collects new events in the next', async () => {
    const { clock, memory, faulty, predict } = setUp()
    faulty.fault = 'reply_lost'
    predict()
    await clock.advance(1_000)
    const asSent = JSON.stringify(memory.sent[0])
    predict()
    predict()
    faulty.fault = 'none'
    await clock.advance(10_000)
    expect(memory.sent.map(({ sequence }) => sequence)).toEqual([1, 1, 2])
    expect(JSON.stringify(memory.sent[1])).toBe(asSent)
    expect(memory.counts.versions['late-arrival@1.0.0'].predictions).toBe(3)
    expect(memory.counts.lost).toBe(0)
  })

  it('goes on by itself after a failure, and says so in the log when it cannot', async () => {
    const { clock, memory, faulty, background, predict } = setUp()
    faulty.fault = 'throws'
    predict()
    await clock.advance(3_000)
    faulty.fault = 'none'
    await clock.advance(10_000)
    expect(eventsIn(memory.counts)).toBe(1)
    expect(background.failures).toEqual([])
    faulty.fault = 'throws'
    predict()
    await clock.advance(60_000)
    await background.settled()
    expect(background.failures).toEqual([
      'sending statistics: Error: statistics not sent in 4 tries: the statistics object is down',
    ])
  })

  it('leaves a call that does not answer at its deadline, and makes no other before', async () => {
    const { clock, memory, faulty, calls, traffic } = setUp()
    faulty.fault = 'silent'
    const during = await traffic(20_000, 100)
    expect(leastGap(calls)).toBeGreaterThanOrEqual(OPTIONS.deadlineMilliseconds)
    faulty.fault = 'none'
    const after = await traffic(20_000, 100)
    await clock.advance(5_000)
    expect(eventsIn(memory.counts)).toBe(during + after)
  })

  it('with the statistics dead for ten minutes keeps its memory bounded and loses nothing', async () => {
    const { clock, memory, faulty, calls, traffic } = setUp()
    faulty.fault = 'throws'
    const dead = await traffic(10 * MINUTES, 250)
    expect(calls.length).toBeLessThan(120)
    faulty.fault = 'none'
    const alive = await traffic(30_000, 250)
    await clock.advance(5_000)
    expect(eventsIn(memory.counts)).toBe(dead + alive)
    expect(memory.counts.lost).toBe(0)
    const bytes = memory.sent.map((delta) => JSON.stringify(delta).length)
    expect(Math.max(...bytes)).toBeLessThan(1_000)
  })

  it('with the statistics dead for an hour reports how many events were lost', async () => {
    const { clock, memory, faulty, background, traffic } = setUp()
    faulty.fault = 'throws'
    const dead = await traffic(60 * MINUTES, 1_000)
    faulty.fault = 'none'
    const alive = await traffic(60_000, 1_000)
    await clock.advance(5_000)
    await background.settled()
    expect(memory.counts.lost).toBeGreaterThan(0)
    expect(eventsIn(memory.counts) + memory.counts.lost).toBe(dead + alive)
    const report = await memory.read('1h')
    expect(report.lost).toBe(memory.counts.lost)
  }, 30_000)

  it('promises a new flush when the request that held the timer has died', async () => {
    let dead = false
    const never = new Promise<void>(() => {})
    const { clock, memory, predict } = setUp((clock) => ({
      sleep: (milliseconds) => {
        const owner = dead
        return clock.sleep(milliseconds).then(() => (dead && !owner ? never : undefined))
      },
    }))
    predict()
    dead = true
    await clock.advance(2_000)
    predict()
    await clock.advance(1_500)
    expect(memory.sent).toEqual([])
    await clock.advance(1_000)
    predict()
    await clock.advance(1_000)
    expect(memory.sent).toHaveLength(1)
    expect(eventsIn(memory.counts)).toBe(3)
  })

  it('leaves the flush to the later promise when the request that held the timer was only slow', async () => {
    let sleeps = 0
    const { clock, memory, calls, predict } = setUp((clock) => ({
      sleep: (milliseconds) => clock.sleep(sleeps++ === 0 ? 5_500 : milliseconds),
    }))
    predict()
    await clock.advance(5_000)
    predict()
    await clock.advance(10_000)
    expect(calls).toEqual([6_000])
    expect(eventsIn(memory.counts)).toBe(2)
  })

  it('does not take a reply that comes very late for the reply to a later delta', async () => {
    let deadlines = 0
    const { clock, memory, faulty, predict } = setUp((clock) => ({
      sleep: (milliseconds) => {
        const isFirstDeadline = milliseconds === OPTIONS.deadlineMilliseconds && deadlines++ === 0
        return isFirstDeadline ? new Promise(() => {}) : clock.sleep(milliseconds)
      },
    }))
    const send = memory.send.bind(memory)
    memory.send = async (delta) => {
      const news = await send(delta)
      if (memory.sent.length === 1) await clock.sleep(8_000)
      return news
    }
    predict()
    await clock.advance(1_000)
    predict()
    await clock.advance(5_500)
    expect(memory.sent.map(({ sequence }) => sequence)).toEqual([1, 1, 2])
    faulty.fault = 'throws'
    predict()
    await clock.advance(3_000)
    faulty.fault = 'none'
    await clock.advance(10_000)
    expect(eventsIn(memory.counts)).toBe(3)
  })

  it('sends the same delta again when the request died after the write', async () => {
    const { clock, memory, faulty, predict } = setUp((clock) => ({
      // The request's own deadline never fires: it was cancelled with the request.
      sleep: (milliseconds) =>
        milliseconds === OPTIONS.deadlineMilliseconds ? new Promise(() => {}) : clock.sleep(milliseconds),
    }))
    const send = memory.send.bind(memory)
    memory.send = async (delta) => {
      const news = await send(delta)
      if (memory.sent.length === 1) await new Promise(() => {})
      return news
    }
    predict()
    await clock.advance(1_500)
    expect(faulty.calls).toBe(1)
    predict()
    await clock.advance(10_000)
    expect(memory.sent.map(({ sequence }) => sequence)).toEqual([1, 1, 2])
    expect(memory.counts.versions['late-arrival@1.0.0'].predictions).toBe(2)
  })

  it('sends what was observed while a call was under way once that call has ended', async () => {
    const { clock, memory, calls, predict } = setUp()
    const send = memory.send.bind(memory)
    memory.send = async (delta) => {
      await clock.sleep(1_700)
      return send(delta)
    }
    predict()
    await clock.advance(1_100)
    predict()
    await clock.advance(10_000)
    expect(memory.sent.map(({ sequence }) => sequence)).toEqual([1, 2])
    // Promised for 2,100; the first call may be under way until 3,000.
    expect(calls).toEqual([1_000, 3_000])
  })

  it('works with a clock that stands still, and stops trying in time all the same', async () => {
    const still = new ManualClock()
    const sleeping = new ManualClock()
    const faulty = new FaultyStatistics(new MemoryStatistics())
    faulty.fault = 'throws'
    const parts = { statistics: faulty, clock: still, timers: sleeping, randomId: () => 'i', layoutOf: probabilities }
    const observer = new Observer(parts, OPTIONS)
    const background = new HeldBackground()
    observer.failure({ code: 'internal' })
    observer.afterAnswer(background.run)
    await sleeping.advance(60_000)
    expect(faulty.calls).toBe(4)
    await background.settled()
    expect(background.failures).toHaveLength(1)
  })
})
