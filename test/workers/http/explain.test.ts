/** Explanations of the bundled model, from real sessions and its own reference profile. */
import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import { json } from '../../support/answer.ts'
import { seedZips } from './seed.ts'

const EVENT = { createdDateTime: 1731880381293, zipCode: '94107' }
const ask = (query: string, body: unknown = EVENT): Promise<Response> =>
  exports.default.fetch(
    new Request(`https://nearcast.test/v1/predict${query}`, { method: 'POST', body: JSON.stringify(body) }),
  )
const sumOf = (contributions: Readonly<Record<string, number>>): number =>
  Object.values(contributions).reduce((sum, one) => sum + one, 0)

describe('?explain=true', () => {
  beforeAll(seedZips)

  it('says how much each group of features moved the output, to the last bit of it', async () => {
    const { explanation, outputs, warnings } = await json<Prediction>(await ask('?explain=true'))
    expect(warnings).toEqual([])
    expect(explanation).toMatchObject({
      output: 'late_probability',
      groups: { zip: ['utc_offset_hours', 'latitude', 'longitude'] },
    })
    expect(Object.keys(explanation?.contributions ?? {})).toEqual(['time_of_day', 'day_of_week', 'zip'])
    const { base, contributions } = explanation as NonNullable<typeof explanation>
    expect(base).toBeGreaterThan(0.05)
    expect(base).toBeLessThan(0.5)
    expect(base + sumOf(contributions)).toBeCloseTo(outputs.late_probability as number, 6)
  })

  it('starts from the same base for every event, and is absent where nobody asks', async () => {
    const events = [EVENT, { ...EVENT, createdDateTime: EVENT.createdDateTime + 6 * 3_600_000 }, { zipCode: '94107' }]
    const { predictions } = await json<Batch>(await ask('?explain=true', events))
    const [first, second, bad] = predictions as [Prediction, Prediction, object]
    expect(second.explanation?.base).toBe(first.explanation?.base)
    expect(second.explanation?.contributions.time_of_day).not.toBe(first.explanation?.contributions.time_of_day)
    expect(bad).toHaveProperty('error.code', 'missing_time')
    expect(await json<Prediction>(await ask(''))).not.toHaveProperty('explanation')
    expect(await json<Prediction>(await ask('?explain=false'))).not.toHaveProperty('explanation')
  })

  it('is given to the first ten events of a body, and the others say that they have none', async () => {
    const { predictions } = await json<Batch>(await ask('?explain=true', new Array(12).fill(EVENT)))
    const explained = (predictions as Prediction[]).map(({ explanation }) => explanation !== undefined)
    expect(explained).toEqual([...new Array(10).fill(true), false, false])
    const flagged = (predictions as Prediction[]).map(({ warnings }) => warnings.includes('not_explained'))
    expect(flagged).toEqual([...new Array(10).fill(false), true, true])
    expect((await ask('?explain=yes')).status).toBe(400)
  })

  it('works for a first look from a browser', async () => {
    const request = new Request('https://nearcast.test/v1/predict?zip=94107&explain=true')
    const answer = await exports.default.fetch(request)
    expect((await json<Prediction>(answer)).explanation?.output).toBe('late_probability')
  })
})
