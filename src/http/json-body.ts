/** Reads a body that is one JSON document of a known form: commands, rules, requests of operators. */
import type { z } from 'zod'
import { Failure } from '../core/failure.ts'
import { refuseMediaType } from '../protocol/media-type.ts'
import { parseJson } from '../protocol/parse-json.ts'
import { decodeUtf8 } from '../protocol/utf8.ts'
import { readBytes } from './body.ts'
import type { Exchange } from './exchange.ts'

/**
 * The document, as `schema` reads it. Throws what reading the bytes does, `unsupported_media_type`, `empty_body` (with `example`), `invalid_utf8`,
 * `invalid_json`, `too_deep`, and `invalid_parameter` naming the place where the JSON has another form.
 */
export const readJsonBody = async <T>(
  request: Request,
  { services }: Exchange,
  schema: z.ZodType<T>,
  example: string,
): Promise<T> => {
  refuseMediaType(request.headers.get('content-type'), request.headers.get('content-encoding'))
  const text = decodeUtf8(await readBytes(request, services, 'json'))
  if (text.trim() === '') throw new Failure('empty_body', `the body is empty; send ${example}`)
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') ?? ''
  const message = `${place === '' ? 'the body' : place}: ${issue?.message}`
  throw new Failure('invalid_parameter', message, place === '' ? undefined : place)
}
