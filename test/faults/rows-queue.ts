/** Rows whose fault is the queue, or the consumer that works it off. */
import type { Row } from './row.ts'
import type { Stage } from './stage.ts'
import type { Change } from './traffic.ts'

const PREDICTIONS = 200

/** Deals `items` out into batches of `size`, `step` apart, so that each way brings others together. */
const regrouped = <T>(items: readonly T[], size: number, step: number): T[][] => {
  const order = Array.from({ length: items.length }, (_, index) => items[(index * step) % items.length])
  return Array.from({ length: Math.ceil(order.length / size) }, (_, batch) =>
    order.slice(batch * size, (batch + 1) * size),
  )
}

const hundredMessages = async (stage: Stage): Promise<void> => {
  await stage.sender.ingest(100, 3)
  await stage.sender.predict(PREDICTIONS)
  await stage.drained()
}

const bulky: Change = (source) => ({ ...source, padding: 'x'.repeat(20_000) })

export const QUEUE_ROWS: readonly Row[] = [
  {
    name: 'queue-refuses',
    fault: 'the queue refuses, once in the middle of a request, and takes them later',
    isQuick: true,
    least: { refused: 11 },
    async run(stage) {
      await stage.inject({ target: 'EVENTS', kind: 'error' })
      await stage.sender.ingest(10, 20)
      // One request in three batches, of which the first is refused both times: the answer names its events.
      await stage.inject({ target: 'EVENTS', kind: 'error', nth: 1 }, { target: 'EVENTS', kind: 'error', nth: 4 })
      await stage.sender.ingest(1, 30, bulky)
      await stage.sender.predict(PREDICTIONS)
    },
  },
  {
    name: 'queue-hangs',
    fault: 'the queue hangs, and takes them later',
    isQuick: false,
    least: { refused: 8 },
    async run(stage) {
      await stage.inject({ target: 'EVENTS', kind: 'hang' })
      await Promise.all([stage.sender.ingest(8, 20), stage.sender.predict(PREDICTIONS)])
    },
  },
  {
    name: 'queue-loses-replies',
    fault: 'the queue takes them and loses its confirmations',
    isQuick: false,
    async run(stage) {
      await stage.inject({ target: 'EVENTS', kind: 'reply_lost' })
      await stage.sender.ingest(10, 20)
      await stage.sender.predict(PREDICTIONS)
    },
  },
  {
    name: 'consumer-throws',
    fault: 'the consumer throws on the 7th of 100 messages',
    isQuick: true,
    async run(stage) {
      await stage.inject({ target: 'archive port', side: 'queue', methods: ['put'], kind: 'bug', nth: 7 })
      await hundredMessages(stage)
    },
  },
  {
    name: 'handler-throws',
    fault: 'its handler throws at the verdict on the 7th of 100 messages, when all have had their effect',
    isQuick: false,
    async run(stage) {
      await stage.inject({ target: 'verdict', kind: 'bug', nth: 7 })
      await hundredMessages(stage)
    },
  },
  {
    name: 'delivered-again',
    fault: 'the same 20 messages are delivered 5 times, regrouped, the last times together with their copies',
    isQuick: true,
    isUninjected: true,
    async run(stage) {
      await stage.sender.ingest(20, 10)
      await stage.sender.predict(PREDICTIONS)
      await stage.drained()
      const { texts } = await stage.state()
      const deliveries = [
        regrouped(texts, 7, 3),
        regrouped(texts, 1, 7),
        regrouped(texts, 20, 9),
        regrouped([...texts, ...texts.slice(0, 3)], 5, 1),
      ]
      for (const [number, batches] of deliveries.entries()) {
        // Two at a time, as the platform runs several consumers at once.
        for (let at = 0; at < batches.length; at += 2) {
          await Promise.all(batches.slice(at, at + 2).map((batch) => stage.deliver(batch, number + 2)))
        }
      }
    },
  },
]
