import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { StatisticsReport } from '../../../src/core/statistics/report.ts'
import type { Batch, Prediction } from '../../../src/protocol/answers.ts'
import { json } from '../../support/answer.ts'
import { command, filesOf, newName, publish } from '../release/versions.ts'

const { READ_TOKEN } = env as unknown as { READ_TOKEN: string }

const events = Array.from({ length: 40 }, (_, number) => ({
  createdDateTime: 1731880381293,
  zipCode: '94107',
  session_id: `visitor-${number}`,
}))

/** The versions that answer forty visitors; "failed" where one got no prediction. */
const versionsOf = async (model: string): Promise<ReadonlySet<string>> => {
  const url = `https://nearcast.test/v1/predict?model=${model}&features=false`
  const response = await exports.default.fetch(new Request(url, { method: 'POST', body: JSON.stringify(events) }))
  if (response.status !== 200) return new Set(['failed'])
  const { predictions } = await json<Batch>(response)
  return new Set(predictions.map((answer) => ('error' in answer ? 'failed' : (answer as Prediction).model_version)))
}

/** Milliseconds of busy traffic until the answers are as `wanted`, and how many requests failed until then. */
const until = async (model: string, wanted: (versions: ReadonlySet<string>) => boolean) => {
  const start = performance.now()
  let failed = 0
  for (;;) {
    const versions = await versionsOf(model)
    if (wanted(versions)) return { milliseconds: Math.round(performance.now() - start), failed }
    if (versions.has('failed')) failed++
    if (performance.now() - start > 20_000) throw new Error(`answered by ${[...versions].join()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const pairsOf = async (model: string) => {
  const request = new Request('https://nearcast.test/v1/stats', { headers: { authorization: `Bearer ${READ_TOKEN}` } })
  const { pairs } = await json<StatisticsReport>(await exports.default.fetch(request))
  return pairs.filter(({ model_name }) => model_name === model)
}

describe('a busy isolate, on the real objects', () => {
  it('follows a published model, its canary, its shadow and the rollback within seconds, and fails no request', async () => {
    const model = newName()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      expect((await publish(model, filesOf(model, version))).status).toBe(201)
    }
    const published = await until(model, (seen) => seen.has('1.0.0'))

    await command(model, { command: 'canary', version: '1.1.0', share: 0.5 })
    const canary = await until(model, (seen) => seen.has('1.1.0'))
    expect(await versionsOf(model)).toEqual(new Set(['1.0.0', '1.1.0']))
    await command(model, { command: 'shadow', version: '1.2.0' })
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    await versionsOf(model)
    await versionsOf(model)
    await command(model, { command: 'rollback', reason: 'a test' })
    const rollback = await until(model, (seen) => !seen.has('1.1.0'))
    await command(model, { command: 'switch', version: '1.2.0' })
    const switched = await until(model, (seen) => !seen.has('1.0.0'))
    console.log('followed, ms of busy traffic:', JSON.stringify({ published, canary, rollback, switched }))
    expect([canary.failed, rollback.failed, switched.failed]).toEqual([0, 0, 0])

    let pairs = await pairsOf(model)
    for (let wait = 0; wait < 50 && pairs.length < 3; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      pairs = await pairsOf(model)
    }
    expect(pairs.map(({ first, other }) => `${first} ${other}`).sort()).toEqual([
      '1.0.0 1.1.0',
      '1.0.0 1.2.0',
      '1.1.0 1.2.0',
    ])
    // The same bytes under another number: they agree.
    for (const { events: compared, outputs } of pairs) {
      expect(compared).toBeGreaterThan(0)
      for (const { maximum_difference } of Object.values(outputs)) expect(maximum_difference).toBe(0)
    }
  })
})
