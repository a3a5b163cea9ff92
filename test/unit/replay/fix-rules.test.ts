import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/core/failure.ts'
import type { JsonValue } from '../../../src/core/json.ts'
import { applyFixes, type FixRule } from '../../../src/core/replay/fix-rules.ts'
import { fixRuleSchema } from '../../../src/protocol/dead-letters.ts'

const RECEIVED = 1_731_880_400_000

const fixed = (event: JsonValue, ...rules: FixRule[]): JsonValue => applyFixes(event, rules, RECEIVED).value

const refusal = (event: JsonValue, ...rules: FixRule[]): Failure => {
  try {
    applyFixes(event, rules, RECEIVED)
  } catch (error) {
    if (error instanceof Failure) return error
  }
  throw new Error('it was not refused')
}

describe('renaming', () => {
  const rule: FixRule = { op: 'rename', from: 'ts', to: 'createdDateTime' }

  it('moves the value', () => {
    expect(fixed({ ts: 1, a: 2 }, rule)).toEqual({ a: 2, createdDateTime: 1 })
  })

  it('reaches into the record of a hit, and leaves the hit as it is', () => {
    const hit = { _index: 'i', _id: 'a', _source: { ts: 1 } }
    expect(fixed(hit, rule)).toEqual({ _index: 'i', _id: 'a', _source: { createdDateTime: 1 } })
    expect(hit._source).toEqual({ ts: 1 })
  })

  it('reads a hit whose fields are arrays', () => {
    expect(fixed({ _id: 'a', fields: { ts: [1], tags: ['x', 'y'] } }, rule)).toEqual({
      _id: 'a',
      _source: { tags: ['x', 'y'], createdDateTime: 1 },
    })
  })

  it('follows dots, and prefers a key that is spelled with them', () => {
    const dotted: FixRule = { op: 'rename', from: 'meta.at', to: 'time.created' }
    expect(fixed({ meta: { at: 1, b: 2 } }, dotted)).toEqual({ meta: { b: 2 }, time: { created: 1 } })
    expect(fixed({ 'meta.at': 1, meta: { at: 2 } }, dotted)).toEqual({ meta: { at: 2 }, time: { created: 1 } })
  })

  it('has nothing to do where the field is absent or the other one is there', () => {
    for (const event of [{ a: 1 }, { ts: 1, createdDateTime: 2 }]) {
      const { value, applied } = applyFixes(event, [rule], RECEIVED)
      expect(value).toBe(event)
      expect(applied).toEqual([false])
    }
    expect(fixed({ ts: 1, createdDateTime: null }, rule)).toEqual({ createdDateTime: 1 })
  })
})

describe('casting', () => {
  const cast = (to: 'number' | 'string' | 'epoch_milliseconds', more: object = {}): FixRule => ({
    ...{ op: 'cast', path: 'v', to },
    ...more,
  })

  it.each<[JsonValue, FixRule, JsonValue]>([
    ['12', cast('number'), 12],
    [' -1.5e3 ', cast('number'), -1500],
    [true, cast('number'), 1],
    ['12345678901234567890', cast('number'), 12345678901234567890n],
    [12, cast('string'), '12'],
    [12345678901234567890n, cast('string'), '12345678901234567890'],
    [false, cast('string'), 'false'],
    [1_731_880_381, cast('epoch_milliseconds', { unit: 's' }), 1_731_880_381_000],
    ['1731880381293000', cast('epoch_milliseconds', { unit: 'us' }), 1_731_880_381_293],
    ['2024-11-17 16:53:01', cast('epoch_milliseconds', { zone: 'America/New_York' }), 1_731_880_381_000],
    ['2024-11-17T21:53:01Z', cast('epoch_milliseconds', { zone: 'America/New_York' }), 1_731_880_381_000],
  ])('%s by %o gives %s', (value, rule, wanted) => {
    expect(fixed({ v: value }, rule)).toEqual({ v: wanted })
  })

  it('leaves what is absent or null', () => {
    expect(applyFixes({ v: null }, [cast('number')], RECEIVED).applied).toEqual([false])
    expect(applyFixes({}, [cast('number')], RECEIVED).applied).toEqual([false])
  })

  it('names rule, path and value of what cannot be cast', () => {
    const first: FixRule = { op: 'set', path: 'a', value: 1 }
    expect(refusal({ v: 'noon' }, first, cast('number'))).toMatchObject({
      code: 'invalid_parameter',
      message: 'rule 2: v holds the string "noon", which is no number',
      path: 'v',
    })
    expect(refusal({ v: 1_731_880_381 }, cast('epoch_milliseconds'))).toMatchObject({
      code: 'ambiguous_time',
      path: 'v',
    })
    expect(refusal({ v: [1] }, cast('string'))).toMatchObject({
      message: 'rule 1: v holds an array of 1, which is no string',
    })
    expect(refusal([1], cast('number')).code).toBe('not_an_event')
  })
})

describe('setting', () => {
  it('writes a value, or the time of receipt', () => {
    expect(fixed({}, { op: 'set', path: 'zipCode', value: '94107' })).toEqual({ zipCode: '94107' })
    expect(fixed({ a: { b: 1 } }, { op: 'set', path: 'a.c', value: { d: [1] } })).toEqual({
      a: { b: 1, c: { d: [1] } },
    })
    expect(fixed({ at: 'x' }, { op: 'set', path: 'at', from: 'received_at' })).toEqual({ at: RECEIVED })
  })

  it('may leave what is there', () => {
    const rule: FixRule = { op: 'set', path: 'at', from: 'received_at', if_missing: true }
    expect(fixed({ at: 'x' }, rule)).toEqual({ at: 'x' })
    expect(fixed({ at: null }, rule)).toEqual({ at: RECEIVED })
  })

  it('takes __proto__ for a key like any other', () => {
    const value = fixed(JSON.parse('{"a":1}'), { op: 'set', path: '__proto__.polluted', value: true })
    expect(JSON.stringify(value)).toBe('{"a":1,"__proto__":{"polluted":true}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

const path = fc.constantFrom('a', 'b', 'a.b', 'a.b.c', 'd.e', '__proto__', 'constructor.x')
const rules = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('rename' as const), from: path, to: path }),
    fc.record({
      op: fc.constant('cast' as const),
      path,
      to: fc.constantFrom('number', 'string', 'epoch_milliseconds'),
    }),
    fc.record({ op: fc.constant('set' as const), path, value: fc.jsonValue() }),
    fc.record({ op: fc.constant('set' as const), path, from: fc.constant('received_at' as const) }),
  ),
  { maxLength: 6 },
)
const record = fc.dictionary(fc.constantFrom('a', 'b', 'd', 'a.b', 'e'), fc.jsonValue(), { maxKeys: 4 })

describe('any rules on any event', () => {
  it('give the same twice, fail only with a Failure, and leave what they were given as it was', () => {
    fc.assert(
      fc.property(record, rules, (event, chosen) => {
        const before = JSON.stringify(event)
        const run = (): string => {
          try {
            return JSON.stringify(applyFixes(event as JsonValue, chosen as FixRule[], RECEIVED))
          } catch (error) {
            if (!(error instanceof Failure)) throw error
            return `${error.code}: ${error.message}`
          }
        }
        expect(run()).toBe(run())
        expect(JSON.stringify(event)).toBe(before)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are rules on the wire too', () => {
    fc.assert(
      fc.property(rules, (chosen) => {
        for (const rule of chosen) expect(fixRuleSchema.safeParse(rule).success).toBe(true)
      }),
    )
  })
})

describe('what is no rule', () => {
  it.each<[object, string]>([
    [{ op: 'move', path: 'a' }, 'expected an op of rename, cast or set'],
    [
      { op: 'cast', path: 'a', to: 'number', zone: 'Mars' },
      'is "Mars"; expected an IANA zone such as America/New_York',
    ],
    [{ op: 'cast', path: 'a', to: 'epoch_milliseconds', unit: 'h' }, 'is "h"; expected s, ms, us or ns'],
    [{ op: 'set', path: 'a' }, 'set takes either a value or from'],
    [{ op: 'set', path: 'a', value: 1, from: 'received_at' }, 'set takes either a value or from'],
    [{ op: 'rename', from: 'a', to: '' }, 'Too small'],
  ])('%j', (rule, message) => {
    const { error } = fixRuleSchema.safeParse(rule)
    expect(error?.issues[0]?.message).toContain(message)
  })
})
