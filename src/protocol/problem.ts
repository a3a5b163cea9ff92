/** How a failure reads on the wire: its status, its title, and problem details (RFC 9457). */
import { z } from 'zod'
import { FAILURE_CODES, type Failure, type FailureCode } from '../core/failure.ts'

/** The status and title of every failure code; a code without a line here does not compile. */
export const PROBLEMS = {
  empty_body: { status: 400, title: 'The body is empty' },
  invalid_utf8: { status: 400, title: 'The body is not UTF-8' },
  invalid_json: { status: 400, title: 'The body is neither JSON nor NDJSON' },
  too_deep: { status: 400, title: 'The JSON is nested too deeply' },
  body_too_large: { status: 413, title: 'The body is too large' },
  incomplete_body: { status: 400, title: 'The body ended before its announced length' },
  body_timeout: { status: 408, title: 'The body did not come in time' },
  too_many_events: { status: 413, title: 'The body holds too many events' },
  too_many_keys: { status: 413, title: 'The JSON has too many keys, or objects and arrays' },
  unsupported_media_type: { status: 415, title: 'The body is multipart, compressed or binary' },
  not_an_event: { status: 422, title: 'This is not an event' },
  missing_time: { status: 422, title: 'The event has no time' },
  ambiguous_time: { status: 422, title: 'The time of the event is ambiguous' },
  invalid_time: { status: 422, title: 'The time of the event cannot be read' },
  time_out_of_range: { status: 422, title: 'The time of the event is out of range' },
  invalid_feature: { status: 422, title: 'The event has no value there that the model can take' },
  invalid_parameter: { status: 400, title: 'A parameter is not valid' },
  invalid_receipt: { status: 422, title: 'The receipt is none that predictions here carry' },
  expired_receipt: { status: 422, title: 'The receipt is too old' },
  unknown_model: { status: 404, title: 'There is no such model' },
  unknown_version: { status: 404, title: 'There is no such version of the model' },
  unauthorized: { status: 401, title: 'This needs a token' },
  origin_not_allowed: { status: 403, title: 'Pages of this origin may not call this' },
  rate_limited: { status: 429, title: 'Too many requests' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This path does not answer that method' },
  model_failed: { status: 500, title: 'The model failed on this event' },
  model_unavailable: { status: 503, title: 'The model cannot be served now' },
  statistics_unavailable: { status: 503, title: 'The statistics cannot be read now' },
  queue_unavailable: { status: 503, title: 'Events cannot be taken now' },
  archive_unavailable: { status: 503, title: 'The archive cannot be reached now' },
  dead_letters_unavailable: { status: 503, title: 'The dead letters cannot be reached now' },
  unknown_dead_letter: { status: 404, title: 'There is no such dead letter' },
  unknown_object: { status: 404, title: 'There is no such object in the archive' },
  invalid_upload: { status: 400, title: 'The upload is not the files of a version' },
  invalid_manifest: { status: 422, title: 'The manifest is not valid' },
  unknown_fields: { status: 422, title: 'The feature view asks for fields that this deployment does not know' },
  version_refused: { status: 422, title: 'The version is not what its manifest says' },
  version_exists: { status: 409, title: 'This version is published with other bytes' },
  release_refused: { status: 409, title: 'The release does not allow that' },
  release_conflict: { status: 409, title: 'The release has changed meanwhile' },
  registry_unavailable: { status: 503, title: 'The model registry cannot be reached now' },
  deadline_exceeded: { status: 504, title: 'The deadline passed before there was an answer' },
  misconfigured: { status: 503, title: 'A variable of this deployment cannot be used' },
  internal: { status: 500, title: 'Something failed that should not have' },
} as const satisfies Record<FailureCode, { status: number; title: string }>

/** Seconds after which asking again may help, by failure code: then stores have been left alone for long enough and sessions rebuilt. */
const RETRY_AFTER_SECONDS: { readonly [Code in FailureCode]?: number } = {
  model_unavailable: 5,
  statistics_unavailable: 2,
  queue_unavailable: 2,
  archive_unavailable: 5,
  dead_letters_unavailable: 2,
  registry_unavailable: 5,
}

/** The `Retry-After` of a failure, where it has one; without a code that of a 503 that carries no failure. */
export const retryAfter = (code: FailureCode = 'model_unavailable'): { readonly 'retry-after'?: string } => {
  const seconds = RETRY_AFTER_SECONDS[code]
  return seconds === undefined ? {} : { 'retry-after': String(seconds) }
}

export const errorSchema = z
  .object({
    code: z.enum(FAILURE_CODES),
    message: z.string(),
    path: z.string().optional().describe('Where in the event, dotted; or the line of the body'),
  })
  .meta({ id: 'Error' })

export const itemErrorSchema = z
  .object({
    index: z.int().nonnegative().describe('Position in the batch, from 0'),
    id: z.string().nullable().describe('The id of the event, where it has one'),
    error: errorSchema,
  })
  .meta({ id: 'ItemError' })

const keptSchema = z
  .enum(['kept', 'counted', 'lost'])
  .describe(
    'A dead letter; only counted, since the hourly quota is used up or the caller asked not to be followed; nothing, send it again',
  )

export const rejectedEventSchema = itemErrorSchema
  .extend({
    dead_letter: z.string().nullable().describe('The id of the dead letter that holds it'),
    kept: keptSchema.nullable().describe('What was kept of it; null where nothing was to be kept'),
    retryable: z.boolean().describe('The event is good and could not be stored now: send it again'),
  })
  .meta({ id: 'RejectedEvent' })

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(FAILURE_CODES),
    request_id: z.string(),
    errors: z.array(z.union([rejectedEventSchema, itemErrorSchema])),
    dead_letter: z
      .string()
      .nullable()
      .optional()
      .describe('The id of the dead letter that holds a body nobody can read'),
    kept: keptSchema.optional().describe('What was kept of that body'),
  })
  .meta({ id: 'Problem' })

export type ErrorBody = z.infer<typeof errorSchema>
export type ItemError = z.infer<typeof itemErrorSchema>
export type RejectedEvent = z.infer<typeof rejectedEventSchema>
export type Problem = z.infer<typeof problemSchema>

export const errorBody = (failure: Failure): ErrorBody =>
  failure.path === undefined
    ? { code: failure.code, message: failure.message }
    : { code: failure.code, message: failure.message, path: failure.path }

/** The problem document of `failure`. `errors` repeats it in item form where it speaks of one event. */
export const problem = (failure: Failure, requestId: string, errors: readonly ItemError[] = []): Problem => {
  const { status, title } = PROBLEMS[failure.code]
  return {
    type: `urn:nearcast:problem:${failure.code}`,
    title,
    status,
    detail: failure.message,
    code: failure.code,
    request_id: requestId,
    errors: [...errors],
  }
}
