import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { eventOf } from '../../../src/core/judgement/unit.ts'
import { type Prediction, predictionSchema } from '../../../src/protocol/answers.ts'
import { type OutcomesAnswer, outcomesAnswerSchema } from '../../../src/protocol/outcomes.ts'
import { inferenceApp, WRITE_TOKEN } from '../../support/inference-app.ts'
import { storedFixture } from '../../support/onnx-files.ts'
import { MemoryOutcomes, MemoryScores } from '../../support/outcomes.ts'

const SIGNING_KEY = 'the-signing-key-of-the-tests'
const ANSWERED = Date.UTC(2026, 10, 25)
const DAY = 86_400_000
const PROFILE = { manifest: storedFixture('trees').manifest, means: { late_probability: 0.2 } }
const EVENT = { createdDateTime: 1731880381293, zipCode: '94107' }

const receiptApp = (env: object = { SIGNING_KEY }, at = ANSWERED) => {
  const [outcomes, scored] = [new MemoryOutcomes(), new MemoryScores()]
  const clock = { now: () => systemClock.now(), epochMilliseconds: () => at }
  const { app } = inferenceApp(env, { outcomes, scored, clock, profiles: { read: async () => PROFILE } })
  const post = async (path: string, body: unknown): Promise<Response> =>
    app.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${WRITE_TOKEN}` },
    })
  const predict = async (event: object = {}, query = ''): Promise<Prediction> =>
    predictionSchema.parse(await (await post(`/v1/predict${query}`, { ...EVENT, ...event })).json())
  const report = async (...reported: readonly object[]): Promise<OutcomesAnswer> =>
    outcomesAnswerSchema.parse(await (await post('/v1/outcomes', reported)).json())
  return { outcomes, scored, post, predict, report }
}
const late = (prediction: Prediction, value: unknown = true) => ({
  receipt: prediction.receipt,
  output: 'late_probability',
  value,
})
const errorsOf = ({ rejected }: OutcomesAnswer) =>
  rejected.map(({ error: { code, path, message } }) => [code, path, message] as const)

/** A receipt of any content, signed as RFC 5869 and RFC 2104 say, by another implementation. */
const signed = (payload: unknown, key = SIGNING_KEY): string => {
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'nearcast receipt 1', 32))
  const bytes = Buffer.from(JSON.stringify(payload))
  return `${bytes.toString('base64url')}.${createHmac('sha256', derived).update(bytes).digest('base64url')}`
}

describe('the receipt of a prediction', () => {
  it('is there only where a key signs', async () => {
    expect(await receiptApp({}).predict({ id: 'e-1' })).not.toHaveProperty('receipt')
    expect(await receiptApp({ SIGNING_KEY_PREVIOUS: SIGNING_KEY }).predict()).not.toHaveProperty('receipt')
    expect((await receiptApp().predict({ id: 'e-1' })).receipt).toMatch(/^[\w-]+\.[\w-]{43}$/)
  })

  it('says event, version, time and outputs, under the HMAC that another implementation makes', async () => {
    const { predict } = receiptApp()
    const { receipt, outputs } = await predict({ id: 'e-é"1' })
    const payload = [1, ANSWERED, 'e-é"1', 'trees', '1.0.0', { p: outputs }]
    expect(receipt).toBe(signed(payload))
    const days = await predict({ id: 'e-2' }, '?model=days')
    const [said] = String(days.receipt).split('.')
    const [, , , model, , kinds] = JSON.parse(Buffer.from(String(said), 'base64url').toString())
    expect([model, Object.keys(kinds)]).toEqual(['days', ['d', 'v']])
    expect(kinds.d.delivery_days).toHaveLength(1)
    expect(kinds.d.delivery_days[0]).toHaveLength(7)
  })

  it('is carried by every prediction of a batch, of a named version and of a first look, beside item errors', async () => {
    const { post } = receiptApp()
    const batch = await (await post('/v1/predict', [EVENT, {}, EVENT])).json()
    const { predictions } = batch as { predictions: Record<string, unknown>[] }
    expect(predictions.map((one) => [typeof one.receipt, 'error' in one])).toEqual([
      ['string', false],
      ['undefined', true],
      ['string', false],
    ])
    const named = await (await post('/v1/models/trees/versions/1.2.0/predict?features=false', EVENT)).json()
    expect(named).toMatchObject({ model_version: '1.2.0', receipt: expect.any(String) })
  })

  it('foretells nothing where a mean stood in: its outcome is accepted, and counts for no version', async () => {
    const { predict, report, scored, outcomes } = receiptApp({ SIGNING_KEY, MODE: 'fallback' })
    const prediction = await predict({ id: 'e-1' })
    expect(prediction.warnings).toContain('reference_mean')
    expect(prediction.receipt).toBe(signed([1, ANSWERED, 'e-1', 'trees', '1.0.0', null]))
    expect(await report(late(prediction))).toMatchObject({ accepted: 1, counted: 0, repeated: 0, uncounted: 0 })
    expect([...scored.counted, ...outcomes.reported]).toEqual([])
  })
})

describe('an outcome with a receipt', () => {
  it('is counted for the version that answered, once, and judged as one by id', async () => {
    const { predict, report, outcomes, scored } = receiptApp()
    const prediction = await predict({ id: 'e-1' })
    const said = Number(prediction.outputs.late_probability)
    expect(await report(late(prediction), late(prediction), late(prediction, false))).toEqual({
      accepted: 3,
      matched: 0,
      counted: 1,
      repeated: 2,
      uncounted: 0,
      rejected: [],
      shards: { answered: 3, of: 4 },
    })
    expect(scored.counted).toEqual([
      {
        event: expect.any(Number),
        model: 'trees',
        version: '1.0.0',
        output: 'late_probability',
        foretold: { kind: 'probability', said },
        truth: true,
        at: ANSWERED,
        until: ANSWERED + 30 * DAY,
      },
    ])
    const { report: reportId, outcomes: byId } = receiptApp()
    await reportId({ id: 'e-1', output: 'late_probability', value: true })
    expect(outcomes.reported[0]).toEqual({ ...byId.reported[0], answered: { model: 'trees', version: '1.0.0', said } })
    expect(outcomes.reported[0]?.event).not.toBe(eventOf('e-1', 0))
  })

  it('may be of a value or a distribution, which no canary is judged by', async () => {
    const { predict, report, outcomes, scored } = receiptApp()
    const { receipt } = await predict({}, '?model=days')
    const answer = await report(
      { receipt, output: 'delivery_days', value: 4 },
      { receipt, output: 'expected_days', value: 4.5, occurred_at: '2026-11-29T12:00:00Z' },
      { receipt, output: 'expected_days', value: true },
      { receipt, output: 'delivery_days', value: 'friday' },
    )
    expect(answer).toMatchObject({ accepted: 2, counted: 2 })
    expect(errorsOf(answer)).toEqual([
      ['invalid_parameter', 'value', 'value is true; "expected_days" is a value: send a number'],
      [
        'invalid_parameter',
        'value',
        'value is "friday"; "delivery_days" is a distribution over numbers: send a number',
      ],
    ])
    expect(scored.counted.map(({ output, truth }) => [output, truth])).toEqual([
      ['delivery_days', 4],
      ['expected_days', 4.5],
    ])
    expect(outcomes.reported.map(({ output }) => output)).toEqual(['expected_days'])
  })

  it('is refused by name where the receipt is none, changed, of another key or of another format', async () => {
    const { predict, report } = receiptApp()
    const { receipt = '' } = await predict({ id: 'e-1' })
    const [payload = '', code = ''] = receipt.split('.')
    const flipped = `${code.startsWith('A') ? 'B' : 'A'}${code.slice(1)}`
    const forged = Buffer.from(JSON.stringify([1, ANSWERED, 'e-1', 'trees', '1.0.0', { p: { late_probability: 1 } }]))
    const bad: readonly (readonly [unknown, RegExp])[] = [
      [7, /receipt is the number 7, expected the receipt of a prediction/],
      ['', /receipt is "", expected one as predictions carry it/],
      ['nonsense', /expected one as predictions carry it, whole/],
      [receipt.slice(0, -1), /expected one as predictions carry it, whole/],
      [`${receipt}.${code}`, /expected one as predictions carry it, whole/],
      ['x'.repeat(100_000), /expected one as predictions carry it, whole/],
      [`${payload}.${flipped}`, /the signature does not fit/],
      [`${forged.toString('base64url')}.${code}`, /the signature does not fit/],
      [signed([1, ANSWERED, 'e-1', 'trees', '1.0.0', {}], 'another-key-of-the-tests'), /the signature does not fit/],
      [signed([2, ANSWERED]), /its format is 2; this deployment knows 1/],
      [signed({}), /its format is null/],
      [signed([1, ANSWERED, 'e-1', 'trees', '1.0.0', { p: { late_probability: 'much' } }]), /outputs cannot be read/],
    ]
    const answer = await report(...bad.map(([one]) => ({ receipt: one, output: 'late_probability', value: true })))
    expect(answer.accepted).toBe(0)
    const errors = errorsOf(answer)
    bad.forEach(([one, message], at) => {
      expect(errors[at]).toEqual([
        typeof one === 'string' ? 'invalid_receipt' : 'invalid_parameter',
        'receipt',
        expect.stringMatching(message),
      ])
    })
  })

  it('names what does not fit the receipt: another id, an output it has not', async () => {
    const { predict, report } = receiptApp()
    const prediction = await predict({ id: 'e-1' })
    const answer = await report(
      { ...late(prediction), id: 'e-2' },
      { ...late(prediction), output: '__proto__' },
      { ...late(prediction), id: 'e-1' },
    )
    expect(answer.accepted).toBe(1)
    expect(errorsOf(answer)).toEqual([
      ['invalid_parameter', 'id', 'id is "e-2"; the receipt is of "e-1"'],
      ['invalid_parameter', 'output', 'output is "__proto__"; the receipt holds late_probability'],
    ])
  })

  it('is taken for RECEIPT_DAYS', async () => {
    const prediction = await receiptApp().predict({ id: 'e-1' })
    const env = { SIGNING_KEY, RECEIPT_DAYS: '2' }
    expect(await receiptApp(env, ANSWERED + 2 * DAY).report(late(prediction))).toMatchObject({
      accepted: 1,
      counted: 1,
    })
    const answer = await receiptApp(env, ANSWERED + 2 * DAY + 1).report(late(prediction))
    expect(errorsOf(answer)).toEqual([
      ['expired_receipt', 'receipt', 'the receipt is of 2026-11-25T00:00:00.000Z; it was taken for 2 days'],
    ])
  })

  it('is taken by the previous key while a new one signs', async () => {
    const prediction = await receiptApp().predict({ id: 'e-1' })
    const next = { SIGNING_KEY: 'the-next-key-of-the-tests', SIGNING_KEY_PREVIOUS: SIGNING_KEY }
    const { predict, report, scored } = receiptApp(next)
    expect(await report(late(prediction), late(await predict({ id: 'e-2' })))).toMatchObject({ counted: 2 })
    // Reported before the change and after it, the event is the same.
    const before = receiptApp()
    await before.report(late(prediction))
    expect(scored.counted[0]?.event).toBe(before.scored.counted[0]?.event)
    expect(errorsOf(await receiptApp({ SIGNING_KEY: next.SIGNING_KEY }).report(late(prediction)))).toMatchObject([
      ['invalid_receipt', 'receipt', expect.any(String)],
    ])
    expect(errorsOf(await receiptApp({}).report(late(prediction)))).toMatchObject([
      ['invalid_receipt', 'receipt', expect.stringContaining('no SIGNING_KEY is configured')],
    ])
  })

  it('is told apart where it could not be counted, and 503 where nothing of it was taken', async () => {
    const { predict, report, post, scored } = receiptApp()
    const [tree, days] = [await predict({ id: 'e-1' }), await predict({ id: 'e-2' }, '?model=days')]
    scored.isDown = true
    expect(await report(late(tree))).toMatchObject({ accepted: 1, counted: 0, uncounted: 1 })
    const response = await post('/v1/outcomes', { receipt: days.receipt, output: 'delivery_days', value: 4 })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'statistics_unavailable' })
    scored.isDown = false
    expect(await report(late(tree))).toMatchObject({ counted: 1, uncounted: 0 })
  })
})
