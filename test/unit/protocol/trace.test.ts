import { describe, expect, it } from 'vitest'
import { handOn, isTraceparent, traceFields, traceIds } from '../../../src/protocol/trace.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const header = (version: string, trace = TRACE, parent = PARENT, flags = '01'): string =>
  `${version}-${trace}-${parent}-${flags}`

// https://www.w3.org/TR/trace-context/, sections 3.2.2 and 4.3.
const CASES: readonly (readonly [string, string, boolean])[] = [
  ['version 00', header('00'), true],
  ['version 00, not sampled', header('00', TRACE, PARENT, '00'), true],
  ['unknown flags', header('00', TRACE, PARENT, 'ff'), true],
  ['a later version', header('cc'), true],
  ['a later version that says more', `${header('cc')}-what-the-future-will-be-like`, true],
  ['a later version with a dash at its end', `${header('cc')}-`, true],
  ['version 00 that says more', `${header('00')}-more`, false],
  ['version 00 with a dash at its end', `${header('00')}-`, false],
  ['a later version that says more without a dash', `${header('cc')}.what`, false],
  ['version ff', header('ff'), false],
  ['a version that is no number', header('zz'), false],
  ['a version of one digit', header('0'), false],
  ['an empty version', header(''), false],
  ['a trace of zeros', header('00', '0'.repeat(32)), false],
  ['a span of zeros', header('00', TRACE, '0'.repeat(16)), false],
  ['a trace that is short', header('00', TRACE.slice(1)), false],
  ['a trace that is long', header('00', `${TRACE}0`), false],
  ['a span that is short', header('00', TRACE, PARENT.slice(1)), false],
  ['a span that is long', header('00', TRACE, `${PARENT}0`), false],
  ['a trace in capitals', header('00', TRACE.toUpperCase()), false],
  ['a span that is no number', header('00', TRACE, 'x'.repeat(16)), false],
  ['flags of one digit', header('00', TRACE, PARENT, '1'), false],
  ['flags that are no number', header('00', TRACE, PARENT, 'xx'), false],
  ['no flags', `00-${TRACE}-${PARENT}`, false],
  ['other separators', header('00').replaceAll('-', '.'), false],
  ['white space before it', ` ${header('00')}`, false],
  ['white space behind it', `${header('00')} `, false],
  ['a line feed behind it', `${header('00')}\n`, false],
  ['a line feed behind a later version', `${header('cc')}\n`, false],
  ['nothing', '', false],
]

describe('a traceparent', () => {
  it.each(CASES)('of %s: %j is well-formed: %s', (_, given, good) => {
    expect(isTraceparent(given)).toBe(good)
    expect(traceIds(given)).toEqual(good ? { traceId: TRACE, parentId: PARENT } : null)
    expect(traceFields(given)).toEqual(good ? { 'trace.id': TRACE, 'labels.parent_span_id': PARENT } : {})
  })

  it.each(CASES.filter(([, , good]) => good))('of %s is handed on as version 00, in the same trace', (_, given) => {
    const on = handOn(given, '00f067aa0ba902b7')
    expect(on).toBe(`00-${TRACE}-00f067aa0ba902b7-${given.slice(53, 55)}`)
    expect(isTraceparent(on)).toBe(true)
  })

  it('may be missing', () => {
    expect(traceIds(null)).toBeNull()
  })
})
