/** What the routes answer, as schemas; the types the rest of the code uses are read off them. */
import { z } from 'zod'
import { TIME_METHODS } from '../core/event/clock-offset.ts'
import { WARNING_CODES } from '../core/warning.ts'
import { manifestSchema } from './manifest.ts'
import { itemErrorSchema } from './problem.ts'

const distributionSchema = z
  .object({
    labels: z.array(z.union([z.string(), z.number()])),
    probabilities: z.array(z.number()),
    p50: z.union([z.string(), z.number()]).optional(),
    p90: z.union([z.string(), z.number()]).optional(),
  })
  .meta({ id: 'Distribution' })

const eventTimeSchema = z.object({
  epoch_ms: z.int().describe('The instant the features were made of'),
  method: z
    .enum(TIME_METHODS)
    .describe(
      'As the event states it (stated); so, and its sent_at agrees with the receipt (confirmed); moved by what the clock of the sender was ' +
        'wrong by (corrected); the receipt (received)',
    ),
  uncertainty_ms: z.int().nullable().describe('How far off it may be, either way; null: nothing is known of that'),
})

export const explanationSchema = z
  .object({
    output: z.string().describe('The output that is explained: the first of the model'),
    of: z.string().optional().describe('Of a distribution: what of it'),
    base: z.number().describe('Its mean over rows of the training data'),
    contributions: z
      .record(z.string(), z.number())
      .describe(
        'By group of features, its exact Shapley value, in the unit of the output; base and they sum to the output',
      ),
    groups: z.record(z.string(), z.array(z.string())).describe('The features of groups that have several'),
  })
  .meta({ id: 'Explanation' })

export const predictionSchema = z
  .object({
    id: z.string().describe('The id of the event; made up where it has none'),
    model_name: z.string(),
    model_version: z.string(),
    outputs: z.record(z.string(), z.union([z.number(), distributionSchema])),
    features: z
      .record(z.string(), z.union([z.number(), z.string(), z.null()]))
      .optional()
      .describe('What the prediction was made of; null is a missing value'),
    event_time: eventTimeSchema,
    zip: z.string().nullable().describe('The zip the features belong to'),
    zip_source: z.enum(['event', 'edge', 'none']),
    zip_data: z.string().describe('The release of the zip data'),
    imputed: z.array(z.string()).describe('The fields whose value was not measured for this event'),
    warnings: z.array(z.enum(WARNING_CODES)),
    outside_training_range: z.array(z.string()).optional().describe('The fields behind the warning of that name'),
    explanation: explanationSchema.optional().describe('Only where it was asked for and could be given'),
    receipt: z
      .string()
      .optional()
      .describe('Signed: with it the outcome is reported to POST /v1/outcomes. Only where SIGNING_KEY is set'),
  })
  .meta({ id: 'Prediction' })

/** As logs hold them, also of the time when answers said no more of the event's time than when it was. */
export const loggedPredictionSchema = predictionSchema.extend({
  event_time: eventTimeSchema.partial({ method: true, uncertainty_ms: true }),
})

export const batchSchema = z
  .object({ predictions: z.array(z.union([predictionSchema, itemErrorSchema])) })
  .meta({ id: 'Batch' })

export const releaseSchema = z
  .object({
    revision: z.int(),
    stable: z.string(),
    canary: z.object({ version: z.string(), share: z.number() }).optional(),
    shadow: z.string().optional(),
    fallback: z.string().optional().describe('Answers where the version that should cannot be had'),
    source: z
      .enum(['bundled', 'store', 'controller'])
      .describe('Who said so: the controller within seconds, the copy of it within a minute, or nobody yet'),
  })
  .meta({ id: 'Release' })

export const modelSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    release: releaseSchema,
    manifest: manifestSchema.describe('Of the stable version'),
  })
  .meta({ id: 'Model' })

export const modelsSchema = z.object({ models: z.array(modelSchema) }).meta({ id: 'Models' })

export const liveSchema = z.object({ live: z.literal(true) }).meta({ id: 'Live' })

export const readySchema = z
  .object({
    ready: z.boolean(),
    reasons: z.array(z.string()).describe('Why not, when not'),
    mode: z.literal('fallback').optional().describe('Inference is switched off: predictions are flagged means'),
  })
  .meta({ id: 'Ready' })

export const welcomeSchema = z
  .object({
    name: z.literal('nearcast'),
    description: z.string(),
    try: z.string().describe('A command to paste'),
    send: z.string().describe('Another, for an event that is stored and predicted later'),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Welcome' })

export type Explanation = z.infer<typeof explanationSchema>
export type Prediction = z.infer<typeof predictionSchema>
export type PredictionOfLog = z.infer<typeof loggedPredictionSchema>
export type PredictionOutput = Prediction['outputs'][string]
export type Batch = z.infer<typeof batchSchema>
export type ModelAnswer = z.infer<typeof modelSchema>
export type Welcome = z.infer<typeof welcomeSchema>
