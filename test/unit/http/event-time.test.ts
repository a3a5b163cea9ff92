/** What an answer says of an event's time, and what it makes of wrong clocks. */
import { describe, expect, it } from 'vitest'
import type { Prediction } from '../../../src/protocol/answers.ts'
import type { ItemError } from '../../../src/protocol/problem.ts'
import { json } from '../../support/answer.ts'
import { bundledApp } from '../../support/bundled-app.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type NodeApp, nodeApp } from '../../support/node-app.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** In the middle of an hour. */
const RECEIVED = Date.UTC(2026, 10, 25, 12, 30)

const appAt = (receivedAt: number, env: object = {}): NodeApp & { readonly clock: ManualClock } => {
  const clock = new ManualClock(receivedAt)
  return { ...nodeApp('trees', env, { clock, timers: clock }), clock }
}
const ask = async <T>({ app }: NodeApp, body: unknown): Promise<T> =>
  json<T>(await app.request('/v1/predict', { method: 'POST', body: JSON.stringify(body) }))

const event = (over: object): object => ({ zipCode: '94107', cart_value: 1, ...over })
const timeOf = async (app: NodeApp, body: object): Promise<Pick<Prediction, 'event_time' | 'warnings'>> => {
  const { event_time, warnings } = await ask<Prediction>(app, body)
  return { event_time, warnings }
}

describe('event_time', () => {
  it('says that the time is as stated where nothing is known of the clock', async () => {
    expect(await timeOf(appAt(RECEIVED), event({ createdDateTime: RECEIVED - HOUR }))).toEqual({
      event_time: { epoch_ms: RECEIVED - HOUR, method: 'stated', uncertainty_ms: null },
      warnings: [],
    })
  })

  it('says how well the clock of the sender agreed', async () => {
    const sent = event({ createdDateTime: RECEIVED - HOUR, sent_at: RECEIVED - 1_200 })
    expect(await timeOf(appAt(RECEIVED), sent)).toEqual({
      event_time: { epoch_ms: RECEIVED - HOUR, method: 'confirmed', uncertainty_ms: 1_200 },
      warnings: [],
    })
  })

  it('is what the features are made of: corrected where the clock is wrong', async () => {
    const sent = event({ createdDateTime: RECEIVED - 3 * HOUR - MINUTE, sent_at: new Date(RECEIVED - 3 * HOUR) })
    const answer = await ask<Prediction>(appAt(RECEIVED), sent)
    expect(answer).toMatchObject({
      event_time: { epoch_ms: RECEIVED - MINUTE, method: 'corrected', uncertainty_ms: 5 * MINUTE },
      features: { hour_of_day: 12 },
      warnings: ['clock_corrected'],
    })
  })

  it('is the receipt of an event that says `now`', async () => {
    expect(await timeOf(appAt(RECEIVED), event({ createdDateTime: 'now', sent_at: 5 }))).toEqual({
      event_time: { epoch_ms: RECEIVED, method: 'received', uncertainty_ms: 0 },
      warnings: [],
    })
  })

  it('follows CLOCK_OFFSET_SECONDS', async () => {
    const sent = event({ createdDateTime: RECEIVED - 3 * MINUTE, sent_at: RECEIVED - 2 * MINUTE })
    expect((await timeOf(appAt(RECEIVED), sent)).event_time.method).toBe('confirmed')
    expect((await timeOf(appAt(RECEIVED, { CLOCK_OFFSET_SECONDS: '60' }), sent)).event_time).toEqual({
      epoch_ms: RECEIVED - MINUTE,
      method: 'corrected',
      uncertainty_ms: MINUTE,
    })
  })

  it('goes by the sent_at of the envelope, unless the event has its own', async () => {
    const { predictions } = await ask<{ predictions: Prediction[] }>(appAt(RECEIVED), {
      events: [
        event({ createdDateTime: RECEIVED + 2 * HOUR }),
        event({ createdDateTime: RECEIVED - MINUTE, sent_at: RECEIVED }),
      ],
      sent_at: RECEIVED + 3 * HOUR,
    })
    expect(predictions.map(({ event_time }) => event_time)).toEqual([
      { epoch_ms: RECEIVED - HOUR, method: 'corrected', uncertainty_ms: 5 * MINUTE },
      { epoch_ms: RECEIVED - MINUTE, method: 'confirmed', uncertainty_ms: 0 },
    ])
  })

  it('of one event sent four times by a clock 3 hours slow is the same but for the transit, and so is its id', async () => {
    const answers: Prediction[] = []
    for (const [wait, transit] of [
      [0, 80],
      [1_000, 30],
      [20_000, 900],
      [180_000, 5],
    ] as const) {
      const sent_at = RECEIVED - 3 * HOUR + wait
      const beacon = event({ createdDateTime: RECEIVED - 3 * HOUR - 10_000, sent_at })
      answers.push(await ask<Prediction>(appAt(RECEIVED + wait + transit), beacon))
    }
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.map(({ event_time }) => event_time.epoch_ms - RECEIVED + 10_000)).toEqual([80, 30, 900, 5])
  })
})

describe('the warnings', () => {
  it('name the time features that an uncertain time may have wrong', async () => {
    const midnight = Date.UTC(2026, 10, 26)
    const sent = event({ createdDateTime: midnight - HOUR, sent_at: midnight - HOUR + MINUTE })
    expect((await timeOf(appAt(midnight + MINUTE), sent)).warnings).toEqual([
      'clock_corrected',
      'hour_of_day_uncertain',
      'day_of_week_uncertain',
      'day_of_year_uncertain',
    ])
    const later = event({ createdDateTime: RECEIVED - 28 * MINUTE, sent_at: RECEIVED - 3 * MINUTE })
    expect((await timeOf(appAt(RECEIVED), later)).warnings).toEqual(['hour_of_day_uncertain'])
  })

  it('name the local ones that the model takes', async () => {
    // Stated two days after it was sent: the uncertainty grows by as much.
    const sent = { zipCode: '94107', createdDateTime: Date.now() - 2 * DAY, sent_at: Date.now() - 4 * DAY }
    const { warnings } = await ask<Prediction>(bundledApp(), sent)
    expect(warnings).toEqual(
      expect.arrayContaining(['hour_of_day_uncertain', 'local_hour_of_day_uncertain', 'local_day_of_week_uncertain']),
    )
    expect(warnings).not.toContain('local_day_of_year_uncertain')
  })

  it('tell of a sent_at that cannot be read', async () => {
    const sent = event({ createdDateTime: RECEIVED - HOUR, sent_at: Math.floor(RECEIVED / 1000) })
    expect(await timeOf(appAt(RECEIVED), sent)).toEqual({
      event_time: { epoch_ms: RECEIVED - HOUR, method: 'stated', uncertainty_ms: null },
      warnings: ['sent_at_unreadable'],
    })
  })
})

describe('far instants', () => {
  const far = event({ createdDateTime: RECEIVED + 25 * HOUR })

  it('are flagged and counted', async () => {
    const app = appAt(RECEIVED)
    expect(await timeOf(app, far)).toEqual({
      event_time: { epoch_ms: RECEIVED + 25 * HOUR, method: 'stated', uncertainty_ms: null },
      warnings: ['time_far_future'],
    })
    await app.clock.advance(1_000)
    expect(app.statistics.counts.versions['trees@1.0.0']?.degraded).toMatchObject({ time_far_future: 1 })
  })

  it('are taken to be the receipt where FAR_TIME says so', async () => {
    expect(await timeOf(appAt(RECEIVED, { FAR_TIME: 'received' }), far)).toEqual({
      event_time: { epoch_ms: RECEIVED, method: 'received', uncertainty_ms: null },
      warnings: ['time_far_future'],
    })
  })

  it('are refused where FAR_TIME says so, without harm to their neighbours, and counted', async () => {
    const app = appAt(RECEIVED, { FAR_TIME: 'refuse', FAR_PAST_SECONDS: '3600' })
    const { predictions } = await ask<{ predictions: (Prediction | ItemError)[] }>(app, [
      event({ id: 'old', createdDateTime: RECEIVED - HOUR - 1_000 }),
      event({ createdDateTime: RECEIVED - HOUR }),
    ])
    expect(predictions[0]).toMatchObject({
      index: 0,
      id: 'old',
      error: {
        code: 'time_out_of_range',
        path: 'createdDateTime',
        message: expect.stringContaining('lies 3601 s before its receipt; 3600 are allowed (FAR_PAST_SECONDS)'),
      },
    })
    expect(predictions[1]).toHaveProperty('outputs')
    await app.clock.advance(1_000)
    expect(app.statistics.counts.rejected).toEqual({ time_out_of_range: 1 })
  })
})
