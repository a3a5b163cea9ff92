/** The one error type of the middle: a code from a closed list, and the place and value it speaks of. */

/** Every code an answer can carry. Status codes are decided at the rim (src/protocol/problem.ts). */
export const FAILURE_CODES = [
  'empty_body',
  'invalid_utf8',
  'invalid_json',
  'too_deep',
  'body_too_large',
  'incomplete_body',
  'body_timeout',
  'too_many_events',
  'too_many_keys',
  'unsupported_media_type',
  'not_an_event',
  'missing_time',
  'ambiguous_time',
  'invalid_time',
  'time_out_of_range',
  'invalid_feature',
  'invalid_parameter',
  'invalid_receipt',
  'expired_receipt',
  'unknown_model',
  'unknown_version',
  'unauthorized',
  'origin_not_allowed',
  'rate_limited',
  'not_found',
  'method_not_allowed',
  'model_failed',
  'model_unavailable',
  'statistics_unavailable',
  'queue_unavailable',
  'archive_unavailable',
  'dead_letters_unavailable',
  'unknown_dead_letter',
  'unknown_object',
  'invalid_upload',
  'invalid_manifest',
  'unknown_fields',
  'version_refused',
  'version_exists',
  'release_refused',
  'release_conflict',
  'registry_unavailable',
  'deadline_exceeded',
  'misconfigured',
  'internal',
] as const

export type FailureCode = (typeof FAILURE_CODES)[number]

/** An expected way to fail. `path` names the place in the caller's JSON, dotted, when there is one. */
export class Failure extends Error {
  override readonly name = 'Failure'
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly path?: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** A value as it may stand in an error message: JSON, cut to 80 characters. */
export const quote = (value: unknown): string => {
  const inner = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? part.toString() : part)
  const text = typeof value === 'bigint' ? value.toString() : (JSON.stringify(value, inner) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
