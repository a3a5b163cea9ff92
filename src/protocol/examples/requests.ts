/** One request or more for every route, as /openapi.json shows them; a test sends each of them. */
import type { ROUTES } from '../routes.ts'

export interface ExampleRequest {
  readonly name: string
  readonly summary: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** JSON; lines where the content type says so; of a form its parts, in which a text in brackets names a file. */
  readonly body?: unknown
  /** JSON when it does not say. */
  readonly contentType?: string
  readonly status: number
}

/** What only a deployment has: whoever sends the requests puts in its own. */
export const EXAMPLE_LETTER = '6c3a1f0b9d2e4c58a7b1e0f94d2c8a36'
export const EXAMPLE_OBJECT = 'archive/2026-11-25/13/0b541211.ndjson.gz'
/** Signed, and too old. */
export const EXAMPLE_RECEIPT =
  'WzEsMTcwMDAwMDAwMDAwMCwicy0wIiwibGF0ZS1hcnJpdmFsIiwiMS4wLjAiLG51bGxd.3ZQ1Yw3cJ2Zb8o2m4mH2d5nQ0R7vXk9sT1uG6aLpEeE'

const MODEL = { model: 'late-arrival' }
const VERSION = { model: 'late-arrival', version: '1.0.0' }
/** Published by somebody, with two versions. */
const PUBLISHED = { model: 'late-arrival-west' }
const EVENT = { createdDateTime: 1731880381293, zipCode: '94107', session_id: 's-1' }
const HIT = {
  _index: 'sessions',
  _id: '0b541211-6f65-4b6e-bb0c-ded5ad3e78c7',
  _source: { createdDateTime: 1731880381293, zipCode: '94107' },
}
const NO_TIME = { _id: 'b', zipCode: '10001' }
const TENSOR = { name: 'features', shape: [1, 8], datatype: 'FP32', data: [21, 6, 13, 6, 833, -8, 37.7621, -122.3971] }

const one = (summary: string, over: Partial<ExampleRequest> = {}): readonly ExampleRequest[] => [
  { name: 'example', summary, status: 200, ...over },
]

const predictions: readonly ExampleRequest[] = [
  { name: 'event', summary: 'One event', body: EVENT, status: 200 },
  {
    name: 'hit',
    summary: 'An event as Elasticsearch answers it',
    body: HIT,
    query: { features: 'false' },
    status: 200,
  },
  {
    name: 'explained',
    summary: 'An event, and how much each group of its features moved the output',
    body: EVENT,
    query: { explain: 'true', features: 'false' },
    status: 200,
  },
  {
    name: 'batch',
    summary: 'A batch: one bad event never fails its neighbours',
    body: { events: [EVENT, NO_TIME] },
    query: { features: 'false' },
    status: 200,
  },
  {
    name: 'lines',
    summary: 'One event a line',
    body: `${JSON.stringify(EVENT)}\n${JSON.stringify(HIT)}\n`,
    contentType: 'application/x-ndjson',
    query: { features: 'false' },
    status: 200,
  },
]

const upload = {
  contentType: 'multipart/form-data',
  body: { manifest: '[manifest.json]', model: '[model.onnx]', reference: '[reference.json]', by: 'ada' },
}

const inference = { id: '42', inputs: [TENSOR] }

/** By the names of the routes. */
export const EXAMPLE_REQUESTS: { readonly [Route in keyof typeof ROUTES]: readonly ExampleRequest[] } = {
  welcome: one('Links and a command'),
  predict: predictions,
  predictVersion: predictions.map((request) => ({ ...request, path: VERSION })),
  predictNow: one('Now, at this zip', { query: { zip: '94107' } }),
  events: [
    { name: 'event', summary: 'One event', body: EVENT, status: 202 },
    {
      name: 'envelope',
      summary: 'Events with the clock of their sender, and how long it waited; one of them has no time',
      body: {
        sent_at: 1731880381900,
        events: [EVENT, NO_TIME],
        timings: [{ route: '/v1/predict', milliseconds: 84.2 }],
      },
      status: 202,
    },
    {
      name: 'lines',
      summary: 'One event a line',
      body: `${JSON.stringify(EVENT)}\n${JSON.stringify(HIT)}\n`,
      contentType: 'application/x-ndjson',
      status: 202,
    },
  ],
  outcomes: [
    {
      name: 'id',
      summary: 'By the id of the event',
      body: { id: '0b541211-6f65-4b6e-bb0c-ded5ad3e78c7', output: 'late_probability', value: true },
      status: 200,
    },
    {
      name: 'receipts',
      summary: 'By receipts: one is too old, one is none',
      body: [
        { id: 's-1', output: 'late_probability', value: false, occurred_at: '2024-11-18T01:10:00Z' },
        { receipt: EXAMPLE_RECEIPT, output: 'late_probability', value: true },
        { receipt: 'c2lnbmVk.YnkgbWU', output: 'late_probability', value: true },
      ],
      status: 200,
    },
  ],
  models: one('All models'),
  model: one('One model', { path: MODEL }),
  statistics: one('The last five minutes', { query: { window: '5m' } }),
  metrics: one('The counters'),
  live: one('Alive'),
  ready: one('Ready'),
  openapi: one('The beginning of the document'),
  docs: one('The beginning of the page'),
  serverMetadata: one('This server'),
  serverMetadataSlash: one('This server'),
  serverLive: one('Alive'),
  serverReady: one('Ready'),
  modelMetadata: one('Inputs and outputs', { path: MODEL }),
  versionMetadata: one('Inputs and outputs', { path: VERSION }),
  modelReady: one('Ready', { path: MODEL }),
  versionReady: one('Ready', { path: VERSION }),
  infer: one('One row', { path: MODEL, body: inference }),
  inferVersion: one('One row', { path: VERSION, body: inference }),
  publish: [
    { name: 'new', summary: 'A new version', path: PUBLISHED, ...upload, status: 201 },
    { name: 'again', summary: 'The same bytes again', path: PUBLISHED, ...upload, status: 200 },
  ],
  publishedVersions: one('All versions', { path: PUBLISHED }),
  releaseCommand: [
    {
      name: 'canary',
      summary: 'A canary with a twentieth of the visitors',
      path: PUBLISHED,
      body: { command: 'canary', version: '1.1.0', share: 0.05, reason: 'clean in shadow', by: 'ada' },
      status: 200,
    },
    { name: 'hold', summary: 'No automatic move', path: PUBLISHED, body: { command: 'hold' }, status: 200 },
    { name: 'resume', summary: 'Automatic moves again', path: PUBLISHED, body: { command: 'resume' }, status: 200 },
    {
      name: 'rollback',
      summary: 'The canary ends',
      path: PUBLISHED,
      body: { command: 'rollback', reason: 'complaints' },
      status: 200,
    },
    {
      name: 'shadow',
      summary: 'A shadow: it runs behind the answers',
      path: PUBLISHED,
      body: { command: 'shadow', version: '1.1.0' },
      status: 200,
    },
    {
      name: 'switch',
      summary: 'From one stable version to another at once',
      path: PUBLISHED,
      body: { command: 'switch', version: '1.1.0' },
      status: 200,
    },
  ],
  releaseHistory: one('The release and its last two changes', { path: PUBLISHED, query: { limit: '2' } }),
  deadLetters: one('Letters that wait since they have no time', { query: { code: 'missing_time', limit: '1' } }),
  deadLetter: one('One letter', { path: { id: EXAMPLE_LETTER } }),
  replayDeadLetters: one('What would become of it with the time of its receipt', {
    body: {
      ids: [EXAMPLE_LETTER],
      fixes: [{ op: 'set', path: 'createdDateTime', from: 'received_at', if_missing: true }],
      dry_run: true,
    },
  }),
  discardDeadLetters: one('It is given up for good', {
    body: { ids: [EXAMPLE_LETTER], reason: 'sent by a test page' },
  }),
  archive: one('A day', { query: { day: '2026-11-25', limit: '2' } }),
  archiveObject: one('An object, shown as the lines that it holds', { query: { key: EXAMPLE_OBJECT } }),
  series: one('The last five minutes', { query: { range: '5m' } }),
  alerts: one('The alerts'),
  drift: one('All models'),
  dashboard: one('The beginning of the page'),
  demo: one('The beginning of the page'),
  beacon: one('The beginning of the script'),
  beaconAuto: one('The beginning of the script'),
}
