import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/core/json.ts'
import { type BrowserTiming, timingsOf } from '../../../src/protocol/browser-timings.ts'

const timing: BrowserTiming = { route: '/v1/predict', milliseconds: 84.2 }
const isIn = (one: JsonValue): boolean => timingsOf({ events: [], timings: [one] }).length === 1

describe('the timings beside events', () => {
  it('are read, the first hundred of them', () => {
    expect(timingsOf({ timings: [{ ...timing, more: 1 }] })).toEqual([timing])
    expect(timingsOf({ timings: new Array(150).fill({ ...timing }) })).toHaveLength(100)
  })

  it.each<[string, JsonValue, boolean]>([
    ['of events', { route: '/v1/events', milliseconds: 1 }, true],
    ['of a minute', { route: '/v1/predict', milliseconds: 60_000 }, true],
    ['of more', { route: '/v1/predict', milliseconds: 60_001 }, false],
    ['of no time', { route: '/v1/predict', milliseconds: 0 }, false],
    ['of less', { route: '/v1/predict', milliseconds: -1 }, false],
    ['of an integer that no double can hold', { route: '/v1/predict', milliseconds: 10n ** 20n }, false],
    ['of words', { route: '/v1/predict', milliseconds: '3' }, false],
    ['of another route', { route: '/admin/x', milliseconds: 3 }, false],
    ['of a prototype', { route: 'constructor', milliseconds: 3 }, false],
    ['that is a number', 3, false],
    ['that is nothing', null, false],
  ])('one %s is taken or left', (_, one, taken) => {
    expect(isIn(one)).toBe(taken)
  })

  it.each<[JsonValue]>([
    [{}],
    [{ timings: null }],
    [{ timings: {} }],
    [[timing as unknown as JsonValue]],
    ['x'],
    [null],
  ])('there are none in %j', (envelope) => {
    expect(timingsOf(envelope)).toEqual([])
  })
})
