/** The queue handler: gives delivered messages to the consumer, and acknowledges or retries each by its verdict. */

import { lineOf } from '../protocol/log-line.ts'
import type { Consumer, Verdict } from '../serving/consumer/consume.ts'
import type { Background } from '../serving/ports.ts'

/** The queue of messages that the first one gave up on. */
export const GIVEN_UP_QUEUE = 'nearcast-events-given-up'

/**
 * Seconds until a message is delivered again while the environment cannot be used: a minute at first, an hour in the end. Its 21 deliveries
 * in the first queue and 101 in the second then last over four days, for somebody to mend it.
 */
const misconfiguredSeconds = (attempts: number): number => Math.min(3_600, 60 * 2 ** Math.min(attempts - 1, 6))

/** Throws where the services have no consumer. */
export const consumerFor = ({ consumer }: { readonly consumer?: Consumer }): Consumer => {
  if (consumer === undefined) throw new Error('there is nothing to work off the queue with')
  return consumer
}

/** `consumerOf` may throw, as for a variable that cannot be used: then all messages wait. */
export const createQueue =
  (consumerOf: (env: object) => Consumer, log = (line: string): void => console.error(lineOf(line))) =>
  async (batch: MessageBatch, env: object, ctx: ExecutionContext): Promise<void> => {
    const background: Background = (work, what) =>
      ctx.waitUntil(work.catch((error: unknown) => log(`${what} failed: ${String(error)}`)))
    let consumer: Consumer
    try {
      consumer = consumerOf(env)
    } catch (error) {
      log(`${batch.messages.length} messages wait: ${String(error)}`)
      for (const message of batch.messages) message.retry({ delaySeconds: misconfiguredSeconds(message.attempts) })
      return
    }
    const verdicts = await consumer.consume(batch.messages, batch.queue === GIVEN_UP_QUEUE, background)
    batch.messages.forEach((message, index) => {
      const verdict: Verdict | undefined = verdicts[index]
      if (verdict === 'done') message.ack()
      else message.retry({ delaySeconds: verdict?.retryInSeconds ?? misconfiguredSeconds(message.attempts) })
    })
  }
