/** How each problem reads: the message of a case in which it occurs. */
import { Failure, type FailureCode } from '../../core/failure.ts'
import { errorBody, type ItemError, type Problem, problem } from '../problem.ts'

interface Case {
  readonly detail: string
  readonly path?: string
  /** It speaks of one event, so it is repeated in item form. */
  readonly isOfEvent?: true
}

const ofEvent = (detail: string, path: string): Case => ({ detail, path, isOfEvent: true })

const LIMITS = 'the limits of a request are 4194304 bytes and 1000 events'
const FIELDS = 'createdDateTime, @timestamp, timestamp'
const FORMS = 'send epoch milliseconds (1731880381293) or ISO 8601 with its zone ("2024-11-17T21:53:01.293Z")'

const CASES: Readonly<Record<FailureCode, Case>> = {
  empty_body: { detail: 'the body is empty; send an event as JSON' },
  invalid_utf8: { detail: 'the body is not UTF-8: byte 6 is 0xff' },
  invalid_json: { detail: 'not JSON: expected a value at line 1, column 6, found the end' },
  too_deep: { detail: 'arrays and objects nest deeper than 64' },
  body_too_large: { detail: `the body has 5000000 bytes; ${LIMITS}` },
  incomplete_body: { detail: 'the connection ended before the body did' },
  body_timeout: { detail: 'the body did not come within 10000 ms' },
  too_many_events: { detail: `1001 events in one body; ${LIMITS}` },
  too_many_keys: { detail: `more than 250000 keys in one body; ${LIMITS}` },
  unsupported_media_type: { detail: 'content-type application/octet-stream is not read here; send JSON or NDJSON' },
  not_an_event: { detail: 'an event is a JSON object; this is the number 3', isOfEvent: true },
  missing_time: ofEvent(`no time: looked for ${FIELDS}; ${FORMS}`, 'createdDateTime'),
  ambiguous_time: ofEvent(
    'createdDateTime 1731880381 looks like seconds; send milliseconds: 1731880381000, or configure TIME_UNIT=s',
    'createdDateTime',
  ),
  invalid_time: ofEvent(`createdDateTime "yesterday" is not a time; ${FORMS}`, 'createdDateTime'),
  time_out_of_range: ofEvent('createdDateTime 99999999999999 lies outside the years 1900 to 2199', 'createdDateTime'),
  invalid_feature: ofEvent('field "cart_value" is "many"; the model takes a number', 'cart.value'),
  invalid_parameter: { detail: 'window is "1y": Invalid option: expected one of "5m"|"1h"|"24h"|"7d"', path: 'window' },
  invalid_receipt: ofEvent('receipt is "c2lnbmVk.YnkgbWU", expected one as predictions carry it, whole', 'receipt'),
  expired_receipt: ofEvent('the receipt is of 2023-11-14T22:13:20.000Z; it was taken for 30 days', 'receipt'),
  unknown_model: { detail: 'there is no model "nobody"', path: 'model' },
  unknown_version: { detail: 'model "late-arrival" has no version "9.9.9"' },
  unauthorized: { detail: 'send "Authorization: Bearer $READ_TOKEN"' },
  origin_not_allowed: {
    detail: 'pages of https://stranger.example may not call this: it is not among ALLOWED_ORIGINS',
  },
  rate_limited: { detail: 'more than 2000 requests in 10 s from your address; wait 10 s' },
  not_found: { detail: 'there is nothing at /v1/nowhere' },
  method_not_allowed: { detail: '/v1/predict answers POST, GET, HEAD, not DELETE' },
  model_failed: ofEvent('the model gave no row for this event', ''),
  model_unavailable: { detail: 'the session of late-arrival@1.0.0 broke and is being rebuilt' },
  statistics_unavailable: { detail: 'the watch, which keeps the alerts, does not answer' },
  queue_unavailable: { detail: 'no event could be stored' },
  archive_unavailable: { detail: 'the archive does not answer' },
  dead_letters_unavailable: { detail: 'the dead letters do not answer' },
  unknown_dead_letter: { detail: 'there is no dead letter "a"', path: 'id' },
  unknown_object: {
    detail: 'there is no archive/2026-11-25/13/0b541211.ndjson.gz; it may have been joined',
    path: 'key',
  },
  invalid_upload: { detail: 'part "model" is missing', path: 'model' },
  invalid_manifest: { detail: 'the manifest is of "late-arrival", the path of "late-arrival-west"', path: 'name' },
  unknown_fields: { detail: 'this deployment cannot compute "moon_phase" (time)', path: 'feature_view.fields' },
  version_refused: { detail: 'golden[0]: output "late_probability" is 0.31 and should be 0.24, give or take 0.00001' },
  version_exists: {
    detail: 'late-arrival@1.0.0 ships in the bundle of this deployment, with another graph or manifest',
    path: 'version',
  },
  release_refused: { detail: 'canary is null: no version is a canary' },
  release_conflict: {
    detail: 'expected_revision is 3, but the release is at revision 0; read it again',
    path: 'expected_revision',
  },
  registry_unavailable: { detail: 'the release controller of "late-arrival" does not answer' },
  deadline_exceeded: { detail: 'late-arrival@1.0.0 was not loaded in time' },
  misconfigured: { detail: 'a variable of this deployment cannot be used; the log names it' },
  internal: { detail: 'something failed here; the log has it under this request id' },
}

const REQUEST_ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

export const exampleFailure = (code: FailureCode): Failure => {
  const { detail, path } = CASES[code]
  return new Failure(code, detail, path === '' ? undefined : path)
}

const exampleItemError = (code: FailureCode): ItemError => ({
  index: 0,
  id: 's-1',
  error: errorBody(exampleFailure(code)),
})

/** The problem of that code, as a route answers it. */
export const exampleProblem = (code: FailureCode): Problem =>
  problem(exampleFailure(code), REQUEST_ID, CASES[code].isOfEvent === true ? [exampleItemError(code)] : [])
