/** Rows whose fault is a Durable Object. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultTarget } from './fault-plan.ts'
import type { Row } from './row.ts'
import type { Stage } from './stage.ts'

const PREDICTIONS = 200
const OBJECTS: readonly FaultTarget[] = ['STATS_AGGREGATOR', 'EVENT_OWNERS', 'DEAD_LETTERS']
/** Several flushes of the statistics, and a delivery or two. */
const LASTS_MILLISECONDS = 3_000

const onAll = (fault: Omit<Fault, 'target'>): Fault[] => OBJECTS.map((target) => ({ ...fault, target }))

/** Half of the traffic at once, half after a flush; then the fault goes on for a while. */
const trafficOf = async (stage: Stage): Promise<void> => {
  await stage.sender.ingest(10, 20)
  await stage.sender.predict(PREDICTIONS / 2)
  await sleep(LASTS_MILLISECONDS / 2)
  await stage.sender.predict(PREDICTIONS / 2)
  await sleep(LASTS_MILLISECONDS / 2)
}

export const OBJECT_ROWS: readonly Row[] = [
  {
    name: 'objects-restart',
    fault: 'statistics, owners and dead letters restart in mid call: each 9th call, and each 11th when it is done',
    isQuick: true,
    async run(stage) {
      await stage.inject(
        ...OBJECTS.flatMap((target): Fault[] => [
          { target, kind: 'restart_before', every: 9 },
          { target, kind: 'restart_after', every: 11 },
        ]),
      )
      await trafficOf(stage)
      await stage.sender.ingest(10, 20)
      await sleep(LASTS_MILLISECONDS)
    },
  },
  {
    name: 'objects-overloaded',
    fault: 'statistics, owners and dead letters are overloaded',
    isQuick: false,
    async run(stage) {
      await stage.inject(...onAll({ kind: 'overloaded' }))
      await trafficOf(stage)
    },
  },
  {
    name: 'objects-unreachable',
    fault: 'statistics, owners and dead letters are unreachable: no answer',
    isQuick: false,
    async run(stage) {
      await stage.inject(...onAll({ kind: 'hang' }))
      await trafficOf(stage)
    },
  },
  {
    name: 'objects-lose-replies',
    fault: 'statistics, owners and dead letters do what they are asked and lose their replies',
    isQuick: false,
    async run(stage) {
      await stage.inject(...onAll({ kind: 'reply_lost' }))
      await trafficOf(stage)
    },
  },
]
