import { describe, expect, it } from 'vitest'
import {
  canaryOf,
  eventOf,
  type IsolateOptions,
  releaseIsolate,
  releaseOf,
  unitsOf,
} from '../../support/release-isolate.ts'

const BOT = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }
const GPC = { 'sec-gpc': '1' }

const withCanary = async (env: IsolateOptions['env'] = {}) => {
  const isolate = releaseIsolate({ env: { LATENCY_SAMPLE: '1000000', ...env } })
  await isolate.hear(releaseOf(1, { canary: canaryOf('1.1.0', 0.5), shadow: { version: '2.0.0', since: 1 } }))
  await isolate.clock.advance(2_000)
  return isolate
}

const answeredBy = async (response: Response): Promise<string[]> => {
  const { predictions } = (await response.json()) as { predictions: { model_version: string }[] }
  return [...new Set(predictions.map(({ model_version }) => model_version))].sort()
}

describe('the events of a bot', () => {
  it('are answered and counted, and say nothing of outputs, canary or shadow', async () => {
    const { ask, clock, memory } = await withCanary()
    const before = structuredClone(memory.counts)
    const answer = await ask(unitsOf(40).map(eventOf), '/v1/predict', BOT)
    expect(await answeredBy(answer)).toEqual(['1.0.0', '1.1.0'])
    await clock.advance(2_000)
    const { versions, pairs } = memory.counts
    const sum = (flag: (counts: (typeof versions)[string]) => number) =>
      Object.values(versions).reduce((total, counts) => total + flag(counts), 0)
    expect(sum(({ degraded }) => degraded.bot ?? 0)).toBe(40)
    expect(sum(({ predictions }) => predictions)).toBe(
      40 + Object.values(before.versions).reduce((total, { predictions }) => total + predictions, 0),
    )
    for (const [key, counts] of Object.entries(before.versions)) {
      expect(versions[key].outputs).toEqual(counts.outputs)
    }
    expect(pairs).toEqual(before.pairs)
  })
})

describe('the events of one who opted out', () => {
  it('stick to no visitor: stable answers them, whatever share a canary has', async () => {
    const { ask } = await withCanary()
    expect(await answeredBy(await ask(unitsOf(40).map(eventOf)))).toEqual(['1.0.0', '1.1.0'])
    expect(await answeredBy(await ask(unitsOf(40).map(eventOf), '/v1/predict', GPC))).toEqual(['1.0.0'])
  })

  it('are events as any other where the deployment does not heed it', async () => {
    const { ask } = await withCanary({ HONOR_OPT_OUT: 'false' })
    expect(await answeredBy(await ask(unitsOf(40).map(eventOf), '/v1/predict', GPC))).toEqual(['1.0.0', '1.1.0'])
  })
})
