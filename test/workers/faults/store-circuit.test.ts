/** The circuits around the real KV, on a clock in the test's hand. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { createServices } from '../../../src/services.ts'
import { json } from '../../support/answer.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { FaultyZipStore } from '../../support/zips.ts'
import { seedZips } from '../http/seed.ts'

/** Of five parts of the country, none of which the tests seed. */
const OTHERS = ['30301', '60601', '73301', '85001', '98101']

const isolate = () => {
  const clock = new ManualClock()
  const stores: FaultyZipStore[] = []
  const services = createServices(env as Env, {
    time: { clock, timers: clock },
    zipStore: (real) => {
      stores.push(new FaultyZipStore(real))
      return stores[0]
    },
    // The release is not what is tested; it would be read on the same clock.
    releaseStore: () => ({ read: () => Promise.resolve(null) }),
    statistics: (real) => ({ send: () => Promise.resolve([]), read: (...call) => real.read(...call) }),
  })
  const app = createApp(() => services)
  const ask = async (zipCode: string): Promise<Prediction> => {
    const body = JSON.stringify({ createdDateTime: 1731880381293, zipCode })
    return json<Prediction>(await app.request('/v1/predict', { method: 'POST', body }, env, createExecutionContext()))
  }
  /** The same while the store may hang: the test's clock goes on until there is an answer. */
  const wait = async (zipCode: string): Promise<Prediction> => {
    let answer: Prediction | undefined
    const asked = ask(zipCode).then((value) => {
      answer = value
    })
    for (let tick = 0; tick < 200 && answer === undefined; tick++) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await clock.advance(1)
    }
    await asked
    if (answer === undefined) throw new Error('no answer')
    return answer
  }
  return { ask, clock, store: stores[0], wait }
}

beforeEach(seedZips)

describe('the zip store', () => {
  it.each(['hang', 'error'] as const)(
    'that fails (%s) is left alone, answers come at once and flagged, and one read finds it again',
    async (fault) => {
      const { ask, clock, store, wait } = isolate()
      expect((await ask('10001')).imputed).toEqual([])
      store.fault = fault
      for (const zip of OTHERS) expect((await wait(zip)).warnings).not.toContain('zip_store_skipped')
      await clock.advance(1_000)
      const { reads } = store
      for (let event = 0; event < 10; event++) {
        expect((await ask('94107')).warnings).toEqual(expect.arrayContaining(['zip_store_skipped', 'zip3_mean']))
      }
      expect(store.reads).toBe(reads)
      // What is in memory is not touched by it.
      expect((await ask('10001')).imputed).toEqual([])
      store.fault = 'none'
      await clock.advance(5_000)
      expect((await ask('94107')).imputed).toEqual([])
      expect(store.reads).toBe(reads + 1)
    },
  )
})
