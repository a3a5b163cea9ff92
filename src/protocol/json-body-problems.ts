/** What can be wrong with a body that is JSON of a fixed form: the routes of commands share it. */
import type { FailureCode } from '../core/failure.ts'

export const JSON_BODY_PROBLEMS = [
  'empty_body',
  'invalid_utf8',
  'invalid_json',
  'too_deep',
  'too_many_keys',
  'unsupported_media_type',
  'body_too_large',
  'incomplete_body',
  'body_timeout',
  'invalid_parameter',
] as const satisfies readonly FailureCode[]
