/** Bad input and its documented ending: one row a request to POST /v1/predict. */
import type { FailureCode } from '../../src/core/failure.ts'

export interface BadInput {
  readonly name: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
  readonly status: number
  /** The problem's code; for a batch, the code of its first item error. `null`: not an error at all. */
  readonly code: FailureCode | null
  /** What the message must speak of. */
  readonly says?: RegExp
}

const TIME = 1731880381293
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)
const deep = (depth: number): string => `{"createdDateTime":${TIME},"a":${'['.repeat(depth)}${']'.repeat(depth)}}`

export const BAD_INPUT: readonly BadInput[] = [
  { name: 'an empty body', body: '', status: 400, code: 'empty_body' },
  { name: 'white space', body: ' \n\t ', status: 400, code: 'empty_body' },
  { name: 'an empty array', body: '[]', status: 200, code: null },
  { name: 'an empty list of events', body: '{"events":[]}', status: 200, code: null },
  { name: 'null', body: 'null', status: 422, code: 'not_an_event', says: /null/ },
  { name: 'true', body: 'true', status: 422, code: 'not_an_event', says: /true|boolean/ },
  { name: 'a number', body: '42', status: 422, code: 'not_an_event', says: /42|number/ },
  { name: 'a string', body: '"hello"', status: 422, code: 'not_an_event', says: /hello|string/ },
  { name: 'an empty object', body: '{}', status: 422, code: 'missing_time', says: /createdDateTime/ },
  { name: 'an array that holds null', body: '[null]', status: 200, code: 'not_an_event' },
  { name: 'an array that holds an array', body: '[[]]', status: 200, code: 'not_an_event' },
  { name: 'a truncated object', body: '{"createdDateTime":1731880381', status: 400, code: 'invalid_json' },
  { name: 'words', body: 'hello world', status: 400, code: 'invalid_json', says: /hello/ },
  { name: 'a trailing comma', body: `{"createdDateTime":${TIME},}`, status: 400, code: 'invalid_json' },
  { name: 'single quotes', body: `{'createdDateTime':${TIME}}`, status: 400, code: 'invalid_json' },
  { name: 'NaN for a time', body: '{"createdDateTime":NaN}', status: 400, code: 'invalid_json', says: /NaN/ },
  { name: 'Infinity for a time', body: '{"createdDateTime":Infinity}', status: 400, code: 'invalid_json' },
  {
    name: 'the string "NaN" for a time',
    body: '{"createdDateTime":"NaN"}',
    status: 422,
    code: 'invalid_time',
    says: /NaN/,
  },
  { name: 'invalid UTF-8', body: bytes(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d), status: 400, code: 'invalid_utf8' },
  { name: 'a lone UTF-8 continuation byte', body: bytes(0x80), status: 400, code: 'invalid_utf8' },
  {
    name: 'five MiB',
    body: `{"createdDateTime":${TIME},"x":"${'x'.repeat(5 * 1024 * 1024)}"}`,
    status: 413,
    code: 'body_too_large',
    says: /4194304.*1000|1000.*4194304/,
  },
  {
    name: '1,001 events',
    body: JSON.stringify(Array.from({ length: 1_001 }, () => ({ createdDateTime: TIME }))),
    status: 413,
    code: 'too_many_events',
    says: /1000.*4194304|4194304.*1000/,
  },
  {
    name: '1,001 lines',
    body: `${JSON.stringify({ createdDateTime: TIME })}\n`.repeat(1_001),
    status: 413,
    code: 'too_many_events',
  },
  { name: 'nesting 10,000 deep', body: deep(10_000), status: 400, code: 'too_deep' },
  { name: 'nesting 500,000 deep', body: '['.repeat(500_000), status: 400, code: 'too_deep' },
  { name: 'no time', body: '{"zipCode":"94107"}', status: 422, code: 'missing_time', says: /createdDateTime/ },
  { name: 'null for a time', body: '{"createdDateTime":null}', status: 422, code: 'missing_time' },
  { name: 'a boolean for a time', body: '{"createdDateTime":true}', status: 422, code: 'invalid_time', says: /true/ },
  { name: 'an array for a time', body: '{"createdDateTime":[1]}', status: 422, code: 'invalid_time' },
  { name: 'an object for a time', body: '{"createdDateTime":{"a":1}}', status: 422, code: 'invalid_time' },
  {
    name: 'time in seconds',
    body: '{"createdDateTime":1731880381}',
    status: 422,
    code: 'ambiguous_time',
    says: /1731880381000/,
  },
  {
    name: 'time in microseconds',
    body: '{"createdDateTime":1731880381293000}',
    status: 422,
    code: 'ambiguous_time',
    says: /1731880381293\b/,
  },
  { name: 'time in nanoseconds', body: '{"createdDateTime":1731880381293000000}', status: 422, code: 'ambiguous_time' },
  {
    name: 'a time without a zone',
    body: '{"createdDateTime":"2024-11-17T21:53:01"}',
    status: 422,
    code: 'ambiguous_time',
    says: /2024-11-17T21:53:01Z/,
  },
  { name: 'a date without a time', body: '{"createdDateTime":"2024-11-17"}', status: 422, code: 'ambiguous_time' },
  {
    name: 'the year 99999',
    body: '{"createdDateTime":"99999-01-01T00:00:00Z"}',
    status: 422,
    code: 'time_out_of_range',
    says: /99999/,
  },
  {
    name: 'the 30th of February',
    body: '{"createdDateTime":"2024-02-30T00:00:00Z"}',
    status: 422,
    code: 'invalid_time',
    says: /2024-02-30/,
  },
  { name: 'hour 25', body: '{"createdDateTime":"2024-02-03T25:00:00Z"}', status: 422, code: 'invalid_time' },
  { name: 'a time of 1e300', body: '{"createdDateTime":1e300}', status: 422, code: 'time_out_of_range' },
  { name: 'an American date', body: '{"createdDateTime":"11/17/2024 9:53 PM"}', status: 422, code: 'invalid_time' },
  {
    name: 'an Elasticsearch hit without a time',
    body: '{"_index":"s","_id":"7","_source":{}}',
    status: 422,
    code: 'missing_time',
  },
  {
    name: 'an Elasticsearch hit whose source is a string',
    body: '{"_index":"s","_id":"7","_source":"x"}',
    status: 422,
    code: 'not_an_event',
  },
  {
    name: 'a bad line among good ones',
    body: `{oops\n{"createdDateTime":${TIME}}`,
    headers: { 'content-type': 'application/x-ndjson' },
    status: 200,
    code: 'invalid_json',
    says: /line 1/,
  },
  {
    name: 'an unknown model',
    body: `{"createdDateTime":${TIME}}`,
    query: '?model=no-such-model',
    status: 404,
    code: 'unknown_model',
    says: /no-such-model/,
  },
  {
    name: 'a parameter that is neither true nor false',
    body: `{"createdDateTime":${TIME}}`,
    query: '?features=perhaps',
    status: 400,
    code: 'invalid_parameter',
    says: /perhaps/,
  },
  {
    name: 'a multipart form',
    body: '--x--',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a compressed body',
    body: '{}',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a picture',
    body: 'x',
    headers: { 'content-type': 'image/png' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a prototype in the keys',
    body: `{"__proto__":{"createdDateTime":${TIME}}}`,
    status: 422,
    code: 'missing_time',
  },
  {
    name: 'duplicate keys: the last one wins',
    body: `{"createdDateTime":"x","createdDateTime":${TIME}}`,
    status: 200,
    code: null,
  },
  { name: 'a zip that is an object', body: `{"createdDateTime":${TIME},"zipCode":{"a":1}}`, status: 200, code: null },
  {
    name: 'a zip of a hundred thousand digits',
    body: `{"createdDateTime":${TIME},"zipCode":"${'9'.repeat(100_000)}"}`,
    status: 200,
    code: null,
  },
]

/** What came back, as the table speaks of it. */
export const observed = (status: number, body: unknown): { status: number; code: string | null; message: string } => {
  const answer = body as {
    code?: string
    detail?: string
    predictions?: { error?: { code: string; message: string } }[]
  }
  const item = answer.predictions?.find(({ error }) => error !== undefined)?.error
  return { status, code: answer.code ?? item?.code ?? null, message: answer.detail ?? item?.message ?? '' }
}
