/** Requests that a careless or hostile client may send: any body to any route, with odd headers, cut off or never ending. */
import type { Random } from '../../bench/random.ts'
import { SECRETS } from '../../bench/worker.ts'
import type { Body } from './bodies-arbitrary.ts'
import { mutate } from './mutate.ts'

/** How a body travels. `short`: announced longer than it is, then cut off. `endless`: repeated until there is an answer. */
export type Transfer = 'length' | 'chunked' | 'aborted' | 'short' | 'endless'

export interface PlannedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  readonly transfer: Transfer
}

/** Where bodies go, some more often than others. */
export const TARGETS = [
  ...Array.from({ length: 8 }, () => '/v1/predict'),
  ...Array.from({ length: 5 }, () => '/v1/events'),
  ...Array.from({ length: 3 }, () => '/v1/outcomes'),
  ...Array.from({ length: 2 }, () => '/v2/models/late-arrival/infer'),
  '/v2/models/late-arrival/versions/1.0.0/infer',
  '/v1/models/late-arrival/versions/1.0.0/predict',
  '/v1/models/none/versions/%00/predict',
] as const

const QUERIES = [
  ...[
    '',
    '',
    '',
    '',
    '',
    '?',
    '?batch=true',
    '?features=false&batch=false',
    '?model=late-arrival',
    '?model=none',
    '?explain=true',
  ],
  ...[
    '?batch=yes',
    '?batch=true&batch=true',
    '?__proto__=1',
    '?%',
    '?model=%E0%A4%A',
    `?model=${'m'.repeat(4_000)}`,
    '?=&&=',
  ],
] as const

const PATHS = [
  ...'/ /livez /readyz /openapi.json /v1/models /v1/models/%FF /v1/models/a%2Fb /v1/stats /v1/stats?window=0 /v2 /v2/'.split(
    ' ',
  ),
  ...'/v2/models/x/versions/%2e%2e/ready /v1/predict?zip=94107 /v1/predict?zip=%00 /admin /admin/dead-letters'.split(
    ' ',
  ),
  ...'/admin/models/late-arrival/release?limit=1e2 /%2e%2e/%2e%2e/etc/passwd //v1//predict /v1/predict/ /favicon.ico'.split(
    ' ',
  ),
  `/${'a'.repeat(4_000)}`,
] as const

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'POST'] as const

const CONTENT_TYPES = [
  ...[
    'application/json',
    'application/x-ndjson',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'x',
    ';',
    '*/*',
  ],
  ...[
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/gzip',
    'image/png',
    'application/json; charset=utf-16',
  ],
] as const
const ENCODINGS = ['identity', 'gzip', 'br', 'gzip, br', ' ', 'x'] as const
const AUTHORIZATIONS = [
  ...[SECRETS.WRITE_TOKEN, SECRETS.WRITE_TOKEN, SECRETS.ADMIN_TOKEN, SECRETS.READ_TOKEN, '', 'x'].map(
    (token) => `Bearer ${token}`,
  ),
  ...['Basic x', 'Bearer', `Bearer ${'x'.repeat(8_000)}`],
] as const
const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ['x-request-id', 'a b'],
  ['x-request-id', 'i'.repeat(500)],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['traceparent', '00-x'],
  ['sec-gpc', '1'],
  ['dnt', '1'],
  ['origin', 'null'],
  ['origin', 'https://elsewhere.example'],
  ['origin', '%%'],
  ['user-agent', 'Googlebot/2.1 (+http://www.google.com/bot.html)'],
  ['user-agent', '\u00ff'.repeat(300)],
  ['cookie', 'a=b'],
  ['inference-header-content-length', '12'],
  ['accept', 'text/html'],
]

/** What the bundled model takes, so that some requests reach it. */
const INFERENCE = Buffer.from(
  JSON.stringify({
    id: '42',
    inputs: [
      { name: 'features', shape: [1, 8], datatype: 'FP32', data: [[21, 6, 13, 6, 833, -8, 37.7621, -122.3971]] },
    ],
  }),
)

const transferOf = (random: Random): Transfer => {
  const kind = random.fraction()
  if (kind < 0.7) return 'length'
  if (kind < 0.9) return 'chunked'
  if (kind < 0.95) return 'aborted'
  return kind < 0.999 ? 'short' : 'endless'
}

const headersOf = (random: Random, body: Body): Record<string, string> => {
  const type = random.chance(0.2) ? random.pick(CONTENT_TYPES) : body.contentType
  return {
    ...(type !== null && { 'content-type': type }),
    ...(random.chance(0.03) && { 'content-encoding': random.pick(ENCODINGS) }),
    ...(random.chance(0.3) && { authorization: random.pick(AUTHORIZATIONS) }),
    ...(random.chance(0.2) && Object.fromEntries([random.pick(ODD_HEADERS)])),
  }
}

const inferenceBody = (random: Random): Buffer => (random.chance(0.7) ? mutate(random, INFERENCE) : INFERENCE)

/** One request that carries `body`, or in one of ten another. */
export const planRequest = (random: Random, body: Body): PlannedRequest => {
  const headers = headersOf(random, body)
  if (random.chance(0.1)) {
    return { method: random.pick(METHODS), path: random.pick(PATHS), headers, body: null, transfer: 'length' }
  }
  const target = random.pick(TARGETS)
  const authorized = target === '/v1/outcomes' && random.chance(0.9)
  return {
    method: 'POST',
    path: target + random.pick(QUERIES),
    headers: authorized ? { ...headers, authorization: `Bearer ${SECRETS.WRITE_TOKEN}` } : headers,
    body: target.endsWith('infer') && random.chance(0.5) ? inferenceBody(random) : body.bytes,
    transfer: transferOf(random),
  }
}
