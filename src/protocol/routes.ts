/** Every route, declared once: path, security, parameters and answers. The HTTP surface and /openapi.json are both made from this. */
import { z } from 'zod'
import type { FailureCode } from '../core/failure.ts'
import { ADMIN_ROUTES } from './admin-routes.ts'
import {
  batchSchema,
  liveSchema,
  modelSchema,
  modelsSchema,
  predictionSchema,
  readySchema,
  welcomeSchema,
} from './answers.ts'
import { ARCHIVE_ROUTES } from './archive-routes.ts'
import { BEACON_ROUTES } from './beacon-routes.ts'
import { DASHBOARD_ROUTES } from './dashboard-routes.ts'
import { DEAD_LETTER_ROUTES } from './dead-letter-routes.ts'
import { eventsAnswerSchema } from './events.ts'
import { INFERENCE_ROUTES } from './inference-routes.ts'
import { modelName, semanticVersion } from './manifest.ts'
import { outcomesAnswerSchema } from './outcomes.ts'
import { statisticsReportSchema, statisticsWindowSchema } from './statistics.ts'

/** Who may call: anyone, or whoever holds the token of that name. */
export type Security = 'public' | 'read' | 'write' | 'admin'

export interface RouteDeclaration {
  readonly method: 'get' | 'post'
  /** OpenAPI path template. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly security: Security
  /** No limit of requests: who looks whether the server is well must not be turned away. */
  readonly isUnlimited?: true
  readonly path_parameters?: z.ZodObject
  readonly query?: z.ZodObject
  /** `events` and `outcomes`: one, an array or NDJSON, whatever its content type. */
  readonly body?: 'events' | 'outcomes' | { readonly contentType: string; readonly schema: z.ZodType }
  readonly answer: z.ZodType
  /** The status of `answer`; 200 by default. */
  readonly status?: number
  /** JSON when it does not say. */
  readonly answerType?: string
  /** Pages of every origin may have it, whatever ALLOWED_ORIGINS says: it is the same for all and changes nothing. */
  readonly isForEveryPage?: true
  /** It has a tag: who has it already is told so with 304. */
  readonly isTagged?: true
  /** Who asks for HTML gets a page that says the same. */
  readonly isPageToo?: true
  /** Other statuses that carry `answer` too. */
  readonly also?: readonly number[]
  readonly problems: readonly FailureCode[]
}

const flag = z.enum(['true', 'false'])

const predictQuery = z.object({
  model: z.string().optional().describe('The model to ask; the first bundled one by default'),
  features: flag.optional().describe('`false` leaves the features out of the answer'),
  explain: flag
    .optional()
    .describe(
      '`true` says how much each group of features moved the output: exact Shapley values, for the first 10 events',
    ),
  batch: flag.optional().describe('`true` always answers a batch'),
})

const bodyProblems = [
  'empty_body',
  'invalid_utf8',
  'invalid_json',
  'too_deep',
  'body_too_large',
  'incomplete_body',
  'body_timeout',
  'too_many_keys',
  'too_many_events',
  'unsupported_media_type',
] as const satisfies readonly FailureCode[]

const eventProblems = [
  'not_an_event',
  'missing_time',
  'ambiguous_time',
  'invalid_time',
  'time_out_of_range',
] as const satisfies readonly FailureCode[]

const predictionProblems = [
  'invalid_feature',
  'invalid_parameter',
  'unknown_model',
  'unknown_version',
  'model_failed',
  'model_unavailable',
  'deadline_exceeded',
] as const satisfies readonly FailureCode[]

export const ROUTES = {
  welcome: {
    method: 'get',
    path: '/',
    operationId: 'welcome',
    summary: 'Where everything is, and a command to paste',
    security: 'public',
    answer: welcomeSchema,
    isPageToo: true,
    problems: [],
  },
  predict: {
    method: 'post',
    path: '/v1/predict',
    operationId: 'predict',
    summary: 'Score one event, an array, {"events":[…]} or NDJSON',
    security: 'public',
    query: predictQuery,
    body: 'events',
    answer: z.union([predictionSchema, batchSchema]),
    problems: [...bodyProblems, ...eventProblems, ...predictionProblems],
  },
  predictVersion: {
    method: 'post',
    path: '/v1/models/{model}/versions/{version}/predict',
    operationId: 'predictVersion',
    summary: 'The same, on exactly that version; one that is not released needs WRITE_TOKEN',
    security: 'public',
    path_parameters: z.object({ model: modelName, version: semanticVersion }),
    query: predictQuery.omit({ model: true }),
    body: 'events',
    answer: z.union([predictionSchema, batchSchema]),
    problems: [...bodyProblems, ...eventProblems, ...predictionProblems, 'unauthorized'],
  },
  predictNow: {
    method: 'get',
    path: '/v1/predict',
    operationId: 'predictNow',
    summary: 'A first look: score an event that happens now at this zip',
    security: 'public',
    query: z.object({
      zip: z.string().optional().describe('A US zip code'),
      model: predictQuery.shape.model,
      features: predictQuery.shape.features,
      explain: predictQuery.shape.explain,
    }),
    answer: predictionSchema,
    problems: predictionProblems,
  },
  events: {
    method: 'post',
    path: '/v1/events',
    operationId: 'sendEvents',
    summary: 'Store events, to be predicted and archived soon; 202 once they are safe',
    security: 'public',
    query: predictQuery.pick({ model: true }),
    body: 'events',
    answer: eventsAnswerSchema,
    status: 202,
    problems: [...bodyProblems, 'invalid_parameter', 'unknown_model', 'queue_unavailable', 'archive_unavailable'],
  },
  outcomes: {
    method: 'post',
    path: '/v1/outcomes',
    operationId: 'reportOutcomes',
    summary: 'What really happened to events: a canary is judged by it',
    security: 'write',
    body: 'outcomes',
    answer: outcomesAnswerSchema,
    problems: [...bodyProblems, 'statistics_unavailable'],
  },
  models: {
    method: 'get',
    path: '/v1/models',
    operationId: 'listModels',
    summary: 'The models, their versions and what is released',
    security: 'public',
    answer: modelsSchema,
    problems: [],
  },
  model: {
    method: 'get',
    path: '/v1/models/{model}',
    operationId: 'getModel',
    summary: 'One model',
    security: 'public',
    path_parameters: z.object({ model: modelName }),
    answer: modelSchema,
    problems: ['unknown_model'],
  },
  statistics: {
    method: 'get',
    path: '/v1/stats',
    operationId: 'getStatistics',
    summary: 'Predictions, errors and latency by model version',
    security: 'read',
    query: z.object({ window: statisticsWindowSchema.optional().describe('How far back; 5m by default') }),
    answer: statisticsReportSchema,
    problems: ['invalid_parameter', 'statistics_unavailable'],
  },
  metrics: {
    method: 'get',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'What Prometheus scrapes: counters since the beginning, and gauges',
    security: 'read',
    answer: z.string(),
    answerType: 'text/plain',
    problems: ['statistics_unavailable'],
  },
  live: {
    method: 'get',
    path: '/livez',
    operationId: 'live',
    isUnlimited: true,
    summary: 'The process answers',
    security: 'public',
    answer: liveSchema,
    problems: [],
  },
  ready: {
    method: 'get',
    path: '/readyz',
    operationId: 'ready',
    isUnlimited: true,
    summary: 'The models are loaded and gave their golden answers',
    security: 'public',
    answer: readySchema,
    also: [503],
    problems: [],
  },
  openapi: {
    method: 'get',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    security: 'public',
    answer: z.looseObject({ openapi: z.string() }),
    problems: [],
  },
  docs: {
    method: 'get',
    path: '/docs',
    operationId: 'docs',
    summary: 'This document as a page, with calls to try',
    security: 'public',
    answer: z.string(),
    answerType: 'text/html',
    problems: [],
  },
  ...INFERENCE_ROUTES,
  ...ADMIN_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...ARCHIVE_ROUTES,
  ...DASHBOARD_ROUTES,
  ...BEACON_ROUTES,
} as const satisfies Record<string, RouteDeclaration>
