/** Traffic for a page to show: predictions of two versions, failures, and accepted events. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, createClient } from '../../src/client/index.ts'

const TIME = 1731880381293

/** Patient: the machine may be busy. */
const clientOf = (origin: string, token?: string): Client =>
  createClient({ url: origin, deadlineMilliseconds: 60_000, ...(token !== undefined && { token }) })

/** Each time three predictions, one event without a time, and one of a zip that is none. */
export const sendOnce = async (origin: string): Promise<void> => {
  const client = clientOf(origin)
  const event = { createdDateTime: TIME, zipCode: '94107' }
  for (let one = 0; one < 4; one++)
    await client.post('/v1/predict', { body: [event, event, { ...event, zipCode: '00000' }, { zipCode: '94107' }] })
  await client.post('/v1/events', { body: { ...event, event_id: crypto.randomUUID() } })
}

export const sendFor = async (origin: string, seconds: number): Promise<void> => {
  for (let second = 0; second < seconds; second++) {
    await sendOnce(origin)
    await pause(1_000)
  }
}

/** What happened to the predictions of `sendOnce`, for the accuracy of the version: half of it happened. */
export const reportOutcomes = async (origin: string, token: string): Promise<void> => {
  const events = Array.from({ length: 40 }, (_, index) => ({
    createdDateTime: TIME,
    zipCode: index % 2 === 0 ? '94107' : '10001',
    id: crypto.randomUUID(),
  }))
  const client = clientOf(origin, token)
  const answer = await client.post('/v1/predict', { body: events })
  if (!('predictions' in answer)) throw new Error('a batch was answered as one event')
  const outcomes = answer.predictions.map((prediction, index) => {
    if ('error' in prediction || prediction.receipt === undefined) throw new Error('an event has no receipt')
    return { receipt: prediction.receipt, output: 'late_probability', value: index % 4 === 0 }
  })
  await client.post('/v1/outcomes', { body: outcomes })
}
