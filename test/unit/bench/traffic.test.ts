import { describe, expect, it } from 'vitest'
import { ROOT } from '../../../bench/root.ts'
import { faultOf, makeTraffic } from '../../../bench/traffic.ts'

const prediction = (changes: object = {}): string =>
  JSON.stringify({ outputs: { late_probability: 0.3 }, warnings: [], ...changes })

describe('the traffic', () => {
  it('is the same every time, and the seed knows all of its zips', () => {
    const { events, packs } = makeTraffic(ROOT)
    expect(makeTraffic(ROOT)).toEqual({ events, packs })
    const zips = new Set(packs.flatMap(({ value }) => Object.keys((JSON.parse(value) as { zips: object }).zips)))
    for (const event of events) {
      const parsed = JSON.parse(event) as { zipCode?: string; _source?: { zipCode: string } }
      expect(zips).toContain(parsed._source?.zipCode ?? parsed.zipCode)
    }
    expect(packs.length).toBe(200)
  })
})

describe('an answer', () => {
  it('is right when it is a finite probability with exact zip features', () => {
    expect(faultOf('predict', '{}', 200, prediction())).toBeUndefined()
    expect(faultOf('predict', '{}', 200, prediction({ warnings: ['outside_training_range'] }))).toBeUndefined()
    expect(faultOf('echo', '{"a":1}', 200, '{"a":1}')).toBeUndefined()
  })

  it('is wrong with another status, no probability, a flagged zip, a version that stands in or another echo', () => {
    expect(faultOf('predict', '{}', 503, '{}')).toMatch(/503/)
    expect(faultOf('predict', '{}', 200, prediction({ outputs: {} }))).toMatch(/no probability/)
    expect(faultOf('predict', '{}', 200, prediction({ outputs: { p: null } }))).toMatch(/no probability/)
    expect(faultOf('predict', '{}', 200, prediction({ outputs: { p: 1.5 } }))).toMatch(/no probability/)
    expect(faultOf('predict', '{}', 200, prediction({ warnings: ['zip_store_timeout'] }))).toMatch(/zip_store_timeout/)
    expect(faultOf('predict', '{}', 200, prediction({ warnings: ['release_fallback'] }))).toMatch(/release_fallback/)
    expect(faultOf('echo', '{"a":1}', 200, '{"a":2}')).toMatch(/not the event/)
  })
})
