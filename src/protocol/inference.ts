/** What goes over the wire of the Open Inference Protocol V2 (kserve/open-inference-protocol, inference_rest.md, read 2026-11). */
import { z } from 'zod'
import { Failure, quote } from '../core/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts'
import { DATATYPES } from './manifest.ts'
import { parseJson } from './parse-json.ts'
import { decodeUtf8 } from './utf8.ts'

/** Whether a path is the protocol's, so that its errors have the protocol's form whatever goes wrong there. */
export const isInferencePath = (path: string): boolean => path === '/v2' || path.startsWith('/v2/')

export const inferenceErrorSchema = z.object({ error: z.string() }).meta({ id: 'InferenceError' })

export type InferenceError = z.infer<typeof inferenceErrorSchema>

export const inferenceError = (failure: Failure): InferenceError => ({ error: failure.message })

// What a caller may send in any number is checked up to its first fault: zod goes on to the last, 8 s for a body of 2 million (4.6.6, 2026-11).

/** Long integers are bigints once parsed. */
const isParameter = (value: unknown): boolean => ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

const parametersSchema = z
  .custom<JsonObject>(
    (value) => isJsonObject(value) && Object.values(value).every(isParameter),
    'must hold strings, numbers and booleans by name',
  )
  .meta({
    id: 'InferenceParameters',
    override: {
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      description: 'None is defined here; what is sent is ignored',
    },
  })

/** Its elements are compared with the model where they become a tensor. */
const tensorDataSchema = z.custom<JsonValue[]>(Array.isArray, 'must be an array').meta({
  id: 'TensorData',
  override: {
    type: 'array',
    items: {
      anyOf: [{ $ref: '#/components/schemas/TensorData' }, { type: ['number', 'string', 'boolean', 'null'] }],
    },
    description: 'Row-major, flat or nested as the shape says. null is NaN, in inputs only',
  },
})

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const shapeSchema = z
  .custom<number[]>((value) => Array.isArray(value) && value.every(isSize), 'must be an array of whole numbers from 0')
  .meta({ override: { type: 'array', items: { type: 'integer', minimum: 0 } } })

/** More inputs or outputs than any graph has. */
const MAX_TENSORS = 1_000

const tensors = <T extends z.ZodType>(tensor: T) =>
  z.preprocess((value, context) => {
    if (Array.isArray(value) && value.length > MAX_TENSORS)
      context.addIssue({ code: 'custom', message: `there are ${value.length}, and may be ${MAX_TENSORS}` })
    return value
  }, z.array(tensor))

const requestInputSchema = z
  .object({
    name: z.string(),
    shape: shapeSchema,
    datatype: z.string(),
    parameters: parametersSchema.optional(),
    data: tensorDataSchema,
  })
  .meta({ id: 'InferenceInput' })

const requestOutputSchema = z
  .object({ name: z.string(), parameters: parametersSchema.optional() })
  .meta({ id: 'InferenceRequestedOutput' })

export const inferenceRequestSchema = z
  .object({
    id: z.string().optional().describe('Comes back in the answer'),
    parameters: parametersSchema.optional(),
    inputs: tensors(requestInputSchema),
    outputs: tensors(requestOutputSchema).optional().describe('All outputs by default'),
  })
  .meta({
    id: 'InferenceRequest',
    example: {
      id: '42',
      inputs: [
        { name: 'features', shape: [1, 8], datatype: 'FP32', data: [[21, 6, 13, 6, 833, -8, 37.7621, -122.3971]] },
      ],
    },
  })

const responseOutputSchema = z
  .object({ name: z.string(), shape: shapeSchema, datatype: z.enum(DATATYPES), data: tensorDataSchema })
  .meta({ id: 'InferenceOutput' })

export const inferenceResponseSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: parametersSchema
      .optional()
      .describe(
        '`release_fallback`, `version_fallback`: another version stood in for the stable one, which could not be loaded, or broke',
      ),
    outputs: z.array(responseOutputSchema),
  })
  .meta({ id: 'InferenceResponse' })

const tensorMetadataSchema = z
  .object({ name: z.string(), datatype: z.enum(DATATYPES), shape: z.array(z.int()).describe('-1 is free: the rows') })
  .meta({ id: 'TensorMetadata' })

export const modelMetadataSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.literal('onnx_onnxv1'),
    inputs: z.array(tensorMetadataSchema),
    outputs: z.array(tensorMetadataSchema),
  })
  .meta({ id: 'ModelMetadata' })

export const serverMetadataSchema = z
  .object({ name: z.literal('nearcast'), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'ServerMetadata' })

const why = z.string().optional().describe('Why not, when not')

export const serverLiveSchema = z.object({ live: z.literal(true) }).meta({ id: 'ServerLive' })

/** The specification's object holds `live` alone; `ready` says what is meant. */
export const serverReadySchema = z
  .object({ live: z.literal(true), ready: z.boolean(), error: why })
  .meta({ id: 'ServerReady' })

export const modelReadySchema = z
  .object({ name: z.string(), ready: z.boolean(), error: why })
  .meta({ id: 'ModelReady' })

export type InferenceRequest = z.infer<typeof inferenceRequestSchema>
export type InferenceInput = z.infer<typeof requestInputSchema>
export type InferenceResponse = z.infer<typeof inferenceResponseSchema>
export type InferenceOutput = z.infer<typeof responseOutputSchema>
export type ModelMetadata = z.infer<typeof modelMetadataSchema>

/** A value for an error message, without a walk through what may be millions of them. */
export const shown = (value: JsonValue | undefined): string => {
  if (isJsonObject(value)) return 'an object'
  const isShort = !Array.isArray(value) || (value.length <= 8 && value.every((part) => typeof part !== 'object'))
  return isShort ? quote(value) : `an array of ${value.length}`
}

/** `inputs[0].shape`, for the path of a schema's issue. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')

const valueAt = (value: JsonValue | undefined, path: readonly PropertyKey[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)]
    return isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[String(key)] : undefined
  }, value)

/** Each NaN that stands outside of strings as null. */
const withoutNaN = (text: string): string => {
  let inString = false
  return text.replace(/\\.|"|NaN/gs, (token) => {
    if (token === '"') inString = !inString
    return token === 'NaN' && !inString ? 'null' : token
  })
}

/** Parses JSON, and what tritonclient makes of a numpy array (2.73.0, 2026-11): a bare NaN is read as null. */
const parseTolerant = (text: string): JsonValue => {
  try {
    return parseJson(text)
  } catch (error) {
    if (!text.includes('NaN')) throw error
    try {
      return parseJson(withoutNaN(text))
    } catch {
      throw error
    }
  }
}

/**
 * The inference request in a body, unknown members left out. Throws `empty_body`, `invalid_utf8`, `invalid_json` and `too_deep` as
 * event bodies do, and `invalid_parameter` naming the place and the value where the JSON is no such request.
 */
export const readInferenceRequest = (bytes: Uint8Array): InferenceRequest => {
  const text = decodeUtf8(bytes)
  if (text.trim() === '') throw new Failure('empty_body', 'the body is empty; send {"inputs":[…]} as JSON')
  const value = parseTolerant(text)
  const result = inferenceRequestSchema.safeParse(value)
  if (result.success) return result.data
  const { path = [], message = 'not valid' } = result.error.issues[0] ?? {}
  const found = valueAt(value, path)
  const place = path.length === 0 ? 'the body' : placeOf(path)
  throw new Failure(
    'invalid_parameter',
    found === undefined ? `${place} is missing` : `${place} is ${shown(found)}: ${message}`,
    placeOf(path),
  )
}
