/** The manifest that travels with every model version: what goes in, what comes out, and how to tell that it still does. */
import { z } from 'zod'

export const semanticVersion = z
  .string()
  .max(64)
  .max(100)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a semantic version such as 1.0.0')
/** Also the name of the model's release controller. */
export const modelName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and "-"')

/** Whether a model and a version may be called so. Under another name nothing is looked for: a store refuses keys that are too long or odd. */
export const isModelName = (name: string): boolean => modelName.safeParse(name).success
export const isVersionName = (name: string): boolean => semanticVersion.safeParse(name).success

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')

export const fieldSchema = z.strictObject({
  name: z.string().min(1),
  source: z.enum(['time', 'local_time', 'zip', 'event', 'distance']),
  path: z.string().min(1).optional(),
  from: z.string().min(1).optional(),
  default: z.union([z.number(), z.string(), z.null()]).optional(),
  encoding: z.strictObject({ categories: z.array(z.string()).min(1), unknown: z.number() }).optional(),
})

export const featureViewSchema = z.strictObject({
  version: z.int().positive(),
  tzdata: z.string().optional(),
  fields: z.array(fieldSchema).min(1),
})

/** The tensor types of the Open Inference Protocol that a graph may ask for here. */
export const DATATYPES = ['FP32', 'FP64', 'INT32', 'INT64', 'BOOL', 'BYTES'] as const

const inputSchema = z.strictObject({
  name: z.string().min(1),
  datatype: z.enum(DATATYPES),
  /** -1 is the row dimension. */
  shape: z.array(z.int()).min(1),
  fields: z.array(z.string()).min(1),
})

const outputSchema = z.strictObject({
  name: z.string().min(1),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int()).min(1),
  kind: z.enum(['probability', 'value', 'distribution']),
  /** Which column of a wider tensor is the `probability` or the `value`, counted from 0: 1 of a binary classifier's [-1, 2]. */
  column: z.int().nonnegative().optional(),
  /** At which value a `probability` (0.5 by default) or a `value` stands for another decision: versions are compared by it. */
  threshold: z.number().optional(),
  /** The class or day each column of a `distribution` stands for. */
  labels: z.array(z.union([z.string(), z.number()])).optional(),
})

/** Field or output name → value; `null` is NaN. */
const namedValues = z.record(z.string(), z.union([z.number(), z.string(), z.null(), z.array(z.number())]))

const goldenRowSchema = z.strictObject({ inputs: namedValues, outputs: namedValues, tolerance: z.number().positive() })

export const manifestSchema = z.strictObject({
  name: modelName,
  version: semanticVersion,
  platform: z.literal('onnx_onnxv1'),
  sha256,
  evidence: z.enum(['real', 'synthetic']),
  feature_view: featureViewSchema,
  inputs: z.array(inputSchema).min(1),
  outputs: z.array(outputSchema).min(1),
  /** Field → [least, greatest] value seen in training; outside it an answer warns `outside_training_range`. */
  coverage: z.record(z.string(), z.tuple([z.number(), z.number()])),
  golden: z.array(goldenRowSchema).min(1),
  reference: z.string().optional(),
  metrics: z.record(z.string(), z.unknown()).optional(),
  trained: z.record(z.string(), z.unknown()).optional(),
})

export type Manifest = z.infer<typeof manifestSchema>
export type TensorDatatype = (typeof DATATYPES)[number]
