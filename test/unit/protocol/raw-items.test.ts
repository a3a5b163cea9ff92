import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ParsedBody, readBody } from '../../../src/protocol/body.ts'
import { parseJson } from '../../../src/protocol/parse-json.ts'
import { rawItemsOf } from '../../../src/protocol/raw-items.ts'

const LIMITS = { maxBodyBytes: 4_194_304, maxEvents: 1_000 }
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const parsed = (bytes: Uint8Array, contentType: string | null = null, batch = false): ParsedBody =>
  readBody(bytes, { contentType, batch, limits: LIMITS })

const rawOf = (text: string, contentType: string | null = null, batch = false): string[] => {
  const bytes = encoder.encode(text)
  const body = parsed(bytes, contentType, batch)
  const raw = rawItemsOf(bytes, body)
  const count = body.kind === 'single' ? 1 : body.items.length
  return Array.from({ length: count }, (_, index) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw(index)))
}

const json = fc.jsonValue({ maxDepth: 4 })
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

describe('the bytes of an item', () => {
  it.each<[string, string, string[], (string | null)?, boolean?]>([
    ['a single event, white space and all', ' {"a":1}\n', [' {"a":1}\n']],
    [
      'an array',
      '[ {"a":"]"} ,[1,[2]],\n"x,\\"y" , -1.5e3,null]',
      ['{"a":"]"}', '[1,[2]]', '"x,\\"y"', '-1.5e3', 'null'],
    ],
    ['an empty array', '[ ]', []],
    ['an envelope', '{"sent_at":"]","events":[{"a":1} , 7],"x":[9]}', ['{"a":1}', '7']],
    ['an envelope that names its events twice', '{"events":[1],"\\u0065vents":[2,3]}', ['2', '3']],
    [
      'a search response',
      '{"took":3,"hits":{"total":{"hits":[0]},"hits":[{"_id":"é"},{"_id":"€"}]}}',
      ['{"_id":"é"}', '{"_id":"€"}'],
    ],
    ['lines, some of them blank', '{"a":1}\r\n \n{oops\n\t{"a":"é"} \n', ['{"a":1}', '{oops', '\t{"a":"é"} ']],
    ['lines behind a byte order mark', '\ufeff{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['one line, declared as such', '{"a":1}', ['{"a":1}'], 'application/x-ndjson'],
    ['one event that is asked for as a batch', '{"a":1} ', ['{"a":1} '], null, true],
  ])('is found in %s', (_, text, items, contentType, batch) => {
    expect(rawOf(text, contentType, batch)).toEqual(items)
  })

  it('reads as the item, wherever it stands', () => {
    const layouts = fc.constantFrom(
      (list: string) => list,
      (list: string) => `{"n":[1,"]"],"events":${list},"s":"\\\\"}`,
      (list: string) => `{"hits":{"n":{"hits":1},"hits":${list}}}`,
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(space, json, space), { maxLength: 8 }), layouts, (values, layout) => {
        const list = `[${values.map(([before, value, after]) => before + JSON.stringify(value) + after).join(',')}]`
        const bytes = encoder.encode(layout(list))
        const body = parsed(bytes)
        if (body.kind === 'single') throw new Error('not a batch')
        const raw = rawItemsOf(bytes, body)
        body.items.forEach((item, index) => {
          expect('value' in item && item.value).toEqual(parseJson(decoder.decode(raw(index))))
        })
      }),
    )
  })

  it('reads as the line', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), json), { minLength: 2, maxLength: 8 }), (values) => {
        const bytes = encoder.encode(values.map((value) => JSON.stringify(value)).join('\r\n'))
        const raw = rawItemsOf(bytes, parsed(bytes))
        values.forEach((value, index) => {
          expect(decoder.decode(raw(index))).toBe(JSON.stringify(value))
        })
      }),
    )
  })
})
