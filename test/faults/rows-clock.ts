/** Rows whose fault is a clock. */
import type { Row } from './row.ts'
import { type Change, statedTime } from './traffic.ts'

const PREDICTIONS = 100
const THREE_HOURS_MILLISECONDS = 3 * 3_600_000
/** Between the making of an event and its receipt. */
const TRANSIT_MILLISECONDS = 30_000

/** A client whose clock is wrong by `error`: it states the event's time, and when it sent, by it. */
const wrongClock =
  (error: number): Change =>
  (source) => ({
    ...source,
    createdDateTime: source.createdDateTime + error,
    sent_at: Date.now() + error,
  })

export const CLOCK_ROWS: readonly Row[] = [
  {
    name: 'clock-jumps',
    fault: 'the clock of the worker and its objects jumps +3 h, back, −3 h and back',
    isQuick: false,
    isUninjected: true,
    async run(stage) {
      for (const skewMilliseconds of [0, THREE_HOURS_MILLISECONDS, 0, -THREE_HOURS_MILLISECONDS, 0]) {
        // The queue's own clock does not jump: what was received by one clock is worked off by the next.
        await stage.order({ skewMilliseconds })
        await stage.sender.ingest(5, 20)
        await stage.sender.predict(PREDICTIONS)
      }
      await stage.drained()
      // What was worked off comes again under each of the clocks.
      const { texts } = await stage.state()
      for (const skewMilliseconds of [THREE_HOURS_MILLISECONDS, -THREE_HOURS_MILLISECONDS, 0]) {
        await stage.order({ skewMilliseconds })
        await stage.deliver(texts, 2)
      }
    },
  },
  {
    name: 'client-clocks',
    fault: 'clocks of clients are 3 h fast or slow, with sent_at',
    isQuick: false,
    isUninjected: true,
    rules: {
      time: (base) => ({ epochMilliseconds: statedTime(base), toleranceMilliseconds: TRANSIT_MILLISECONDS }),
    },
    async run(stage) {
      await stage.sender.ingest(5, 20, wrongClock(THREE_HOURS_MILLISECONDS))
      await stage.sender.ingest(5, 20, wrongClock(-THREE_HOURS_MILLISECONDS))
      await stage.sender.predict(PREDICTIONS)
      await stage.drained()
    },
  },
]
