import { describe, expect, it } from 'vitest'
import { eventOf } from '../../../src/core/judgement/unit.ts'
import { type OutcomesAnswer, outcomesAnswerSchema } from '../../../src/protocol/outcomes.ts'
import { nodeApp } from '../../support/node-app.ts'
import { MemoryOutcomes, MemoryScores } from '../../support/outcomes.ts'

const WRITE_TOKEN = 'the-write-token-of-the-tests'
const SOUND = { id: 'e-1', output: 'late_probability', value: true }
const NO_RECEIPTS = { counted: 0, repeated: 0, uncounted: 0 }

const outcomesApp = (env: object = {}) => {
  const outcomes = new MemoryOutcomes()
  const { app } = nodeApp('trees', { WRITE_TOKEN, ...env }, { outcomes, scored: new MemoryScores() })
  const post = async (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    app.request('/v1/outcomes', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${WRITE_TOKEN}`, ...headers },
    })
  const report = async (body: unknown): Promise<OutcomesAnswer> => {
    const response = await post(typeof body === 'string' ? body : JSON.stringify(body))
    expect(response.status).toBe(200)
    return outcomesAnswerSchema.parse(await response.json())
  }
  return { outcomes, post, report }
}

describe('reporting outcomes', () => {
  it.each([
    ['one', JSON.stringify(SOUND), 1],
    ['an array', JSON.stringify([SOUND, SOUND]), 2],
    ['lines', `${JSON.stringify(SOUND)}\n\n${JSON.stringify(SOUND)}\n`, 2],
    ['an empty array', '[]', 0],
  ])('takes %s', async (_, body, count) => {
    const { outcomes, report } = outcomesApp()
    const shards = count === 0 ? { answered: 0, of: 0 } : { answered: 3, of: 4 }
    expect(await report(body)).toEqual({ ...NO_RECEIPTS, accepted: count, matched: 0, rejected: [], shards })
    expect(outcomes.reported).toHaveLength(count)
  })

  it('passes an event on as the hash of its id, whether that is a text or a number', async () => {
    const { outcomes, report } = outcomesApp()
    await report([
      SOUND,
      { ...SOUND, id: 7, value: 0.25, occurred_at: '2026-11-01T00:00:00Z' },
      { ...SOUND, id: '7', occurred_at: 1731880381293 },
    ])
    const [first, second, third] = outcomes.reported
    expect(first).toEqual({ event: expect.any(Number), output: 'late_probability', value: true })
    expect(second).toEqual({ ...third, value: 0.25 })
    expect(first?.event).not.toBe(second?.event)
    expect(JSON.stringify(outcomes.reported)).not.toContain('e-1')
  })

  it('hashes by a secret of the deployment', async () => {
    const [one, other] = [
      outcomesApp({ SIGNING_KEY: 'a-key-of-the-tests' }),
      outcomesApp({ SIGNING_KEY: 'another-key-of-tests' }),
    ]
    await one.report(SOUND)
    await other.report(SOUND)
    const events = [one, other].map(({ outcomes }) => outcomes.reported[0]?.event)
    expect(new Set([...events, eventOf('e-1', 0)]).size).toBe(3)
  })

  it('names each bad outcome by its place, and takes its neighbours', async () => {
    const { outcomes, report } = outcomesApp()
    const bad: [object | number, string, string | undefined][] = [
      [5, 'invalid_parameter', undefined],
      [{ ...SOUND, id: undefined }, 'invalid_parameter', 'id'],
      [{ ...SOUND, id: 'x'.repeat(513) }, 'invalid_parameter', 'id'],
      [{ ...SOUND, output: '' }, 'invalid_parameter', 'output'],
      [{ ...SOUND, value: 'yes' }, 'invalid_parameter', 'value'],
      [{ ...SOUND, value: null }, 'invalid_parameter', 'value'],
      [{ ...SOUND, occurred_at: 1731880381 }, 'ambiguous_time', 'occurred_at'],
      [{ ...SOUND, occurred_at: 'never' }, 'invalid_time', 'occurred_at'],
    ]
    const { accepted, rejected } = await report([...bad.map(([outcome]) => outcome), SOUND])
    expect(accepted).toBe(1)
    expect(rejected.map(({ index, error }) => [index, error.code, error.path])).toEqual(
      bad.map(([, code, path], index) => [index, code, path]),
    )
    expect(outcomes.reported).toHaveLength(1)
  })

  it('names a bad line, and one that does not fit its event, in order', async () => {
    const { outcomes, report } = outcomesApp()
    outcomes.fateOf = ({ value }) =>
      value === 2 ? { fate: 'refused', path: 'value', message: 'value is 2' } : { fate: 'matched' }
    const lines = [SOUND, { ...SOUND, id: 'e-2', value: 2 }, SOUND].map((outcome) => JSON.stringify(outcome))
    expect(await report([...lines, '{"id":'].join('\n'))).toEqual({
      ...NO_RECEIPTS,
      accepted: 2,
      matched: 2,
      rejected: [
        { index: 1, id: 'e-2', error: { code: 'invalid_parameter', message: 'value is 2', path: 'value' } },
        { index: 3, id: null, error: { code: 'invalid_json', message: expect.any(String), path: 'line 4' } },
      ],
      shards: { answered: 3, of: 4 },
    })
  })

  it.each([
    ['no token', { authorization: '' }, '{}', 401, 'unauthorized'],
    ['a wrong token', { authorization: 'Bearer not-the-token-of-the-tests' }, '{}', 401, 'unauthorized'],
    ['no JSON', {}, 'yes', 400, 'invalid_json'],
    ['nothing', {}, '', 400, 'empty_body'],
    ['a form', { 'content-type': 'multipart/form-data; boundary=x' }, '--x', 415, 'unsupported_media_type'],
    ['too many', {}, JSON.stringify([SOUND, SOUND, SOUND]), 413, 'too_many_events'],
    ['too much', {}, `[${' '.repeat(400)}]`, 413, 'body_too_large'],
  ])('refuses %s', async (_, headers, body, status, code) => {
    const { outcomes, post } = outcomesApp({ MAX_EVENTS: '2', MAX_BODY_BYTES: '400' })
    const response = await post(body, headers)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code })
    expect(outcomes.reported).toEqual([])
  })

  it('says when no statistics object can be reached', async () => {
    const { outcomes, post } = outcomesApp()
    outcomes.isDown = true
    const response = await post(JSON.stringify(SOUND))
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'statistics_unavailable' })
  })

  it('stays closed where no token is configured', async () => {
    const { post } = outcomesApp({ WRITE_TOKEN: '' })
    expect((await post(JSON.stringify(SOUND))).status).toBe(401)
  })
})
