/** How each operation of the OpenAPI document is called so that only its doors can keep the call out. */

export interface DoorRow {
  /** Path with its parameters filled in, and its query. */
  readonly path: string
  /** A body that is read; absent where the operation takes none. */
  readonly body?: () => BodyInit
  /** The answer to whoever passes: it is about what was asked, no more about who asks. */
  readonly passes: number
  /** Pages of every origin may have it: that is what the script of the beacon is for. */
  readonly isForEveryPage?: true
}

const MODEL = 'late-arrival'
/** Nobody has published it, so what passes the doors ends there. */
const NOBODY = 'door-table'
const EVENT = '{"createdDateTime":1731880381293,"zipCode":"94107"}'

const event = { body: () => EVENT } as const
const json = (body: object) => ({ body: () => JSON.stringify(body) }) as const
const get = (path: string, passes = 200): DoorRow => ({ path, passes })

const upload = (): FormData => {
  const form = new FormData()
  form.set('manifest', new Blob(['{}']))
  return form
}

/** By operation id. A new operation needs a row here. */
export const ROWS: Readonly<Record<string, DoorRow>> = {
  welcome: get('/'),
  predict: { path: '/v1/predict', ...event, passes: 200 },
  predictVersion: { path: `/v1/models/${MODEL}/versions/1.0.0/predict`, ...event, passes: 200 },
  predictNow: get('/v1/predict?zip=94107'),
  sendEvents: { path: '/v1/events', ...event, passes: 202 },
  reportOutcomes: {
    path: '/v1/outcomes',
    body: () => '{"id":"door-table","output":"late_probability","value":true}',
    passes: 200,
  },
  listModels: get('/v1/models'),
  getModel: get(`/v1/models/${MODEL}`),
  getStatistics: get('/v1/stats'),
  getStatisticsSeries: get('/v1/stats/series'),
  getAlerts: get('/v1/alerts'),
  getDrift: get('/v1/drift'),
  dashboard: get('/dashboard'),
  demo: get('/demo'),
  beaconScript: { ...get('/beacon.js'), isForEveryPage: true },
  beaconAutoScript: { ...get('/beacon-auto.js'), isForEveryPage: true },
  getMetrics: get('/metrics'),
  live: get('/livez'),
  ready: get('/readyz'),
  openapi: get('/openapi.json'),
  docs: get('/docs'),
  serverMetadata: get('/v2'),
  serverMetadataSlash: get('/v2/'),
  serverLive: get('/v2/health/live'),
  serverReady: get('/v2/health/ready'),
  modelMetadata: get(`/v2/models/${MODEL}`),
  versionMetadata: get(`/v2/models/${MODEL}/versions/1.0.0`),
  modelReady: get(`/v2/models/${MODEL}/ready`),
  versionReady: get(`/v2/models/${MODEL}/versions/1.0.0/ready`),
  infer: { path: `/v2/models/${MODEL}/infer`, ...json({ inputs: [] }), passes: 400 },
  inferVersion: { path: `/v2/models/${MODEL}/versions/1.0.0/infer`, ...json({ inputs: [] }), passes: 400 },
  getRelease: get(`/admin/models/${NOBODY}/release`, 404),
  commandRelease: { path: `/admin/models/${NOBODY}/release`, ...json({ command: 'promote' }), passes: 404 },
  listVersions: get(`/admin/models/${NOBODY}/versions`, 404),
  publishVersion: { path: `/admin/models/${NOBODY}/versions`, body: upload, passes: 400 },
  listArchive: get('/admin/archive?day=2020-01-01'),
  getArchiveObject: get('/admin/archive/object?key=archive/2020-01-01/00/door-table.ndjson.gz', 404),
  listDeadLetters: get('/admin/dead-letters'),
  getDeadLetter: get('/admin/dead-letters/door-table', 404),
  replayDeadLetters: {
    path: '/admin/dead-letters/replay',
    ...json({ ids: ['door-table'], dry_run: true }),
    passes: 200,
  },
  discardDeadLetters: {
    path: '/admin/dead-letters/discard',
    ...json({ ids: ['door-table'], reason: 'a test' }),
    passes: 200,
  },
}
