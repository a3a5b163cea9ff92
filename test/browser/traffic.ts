/** Traffic for a page to show: predictions of two versions, failures, and accepted events. */
import { setTimeout as pause } from 'node:timers/promises'

const TIME = 1731880381293

const post = async (origin: string, path: string, body: string): Promise<void> => {
  const answer = await fetch(`${origin}${path}`, { method: 'POST', body })
  await answer.arrayBuffer()
  if (answer.status >= 500) throw new Error(`${path} answered ${answer.status}`)
}

/** Each time three predictions, one event without a time, and one of a zip that is none. */
export const sendOnce = async (origin: string): Promise<void> => {
  const event = { createdDateTime: TIME, zipCode: '94107' }
  for (let one = 0; one < 4; one++)
    await post(
      origin,
      '/v1/predict',
      JSON.stringify([event, event, { ...event, zipCode: '00000' }, { zipCode: '94107' }]),
    )
  await post(origin, '/v1/events', JSON.stringify({ ...event, event_id: crypto.randomUUID() }))
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
  const answer = await fetch(`${origin}/v1/predict`, { method: 'POST', body: JSON.stringify(events) })
  const { predictions } = (await answer.json()) as { predictions: readonly { receipt: string }[] }
  const outcomes = predictions.map(({ receipt }, index) => ({
    receipt,
    output: 'late_probability',
    value: index % 4 === 0,
  }))
  const reported = await fetch(`${origin}/v1/outcomes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(outcomes),
  })
  if (!reported.ok) throw new Error(`/v1/outcomes answered ${reported.status}: ${await reported.text()}`)
}
