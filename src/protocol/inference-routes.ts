/** The routes of the Open Inference Protocol V2; part of ROUTES. */
import { z } from 'zod'
import {
  inferenceRequestSchema,
  inferenceResponseSchema,
  modelMetadataSchema,
  modelReadySchema,
  serverLiveSchema,
  serverMetadataSchema,
  serverReadySchema,
} from './inference.ts'
import { modelName, semanticVersion } from './manifest.ts'

const model = z.object({ model: modelName })
const version = z.object({ model: modelName, version: semanticVersion })

const get = { method: 'get', security: 'public' } as const

const serverMetadata = {
  ...get,
  path: '/v2',
  operationId: 'serverMetadata',
  summary: 'Open Inference Protocol: the name and version of this server',
  answer: serverMetadataSchema,
  problems: [],
} as const

const modelMetadata = {
  ...get,
  path: '/v2/models/{model}',
  operationId: 'modelMetadata',
  summary: 'Open Inference Protocol: the inputs and outputs of the stable version',
  path_parameters: model,
  answer: modelMetadataSchema,
  problems: ['unknown_model', 'unknown_version', 'model_unavailable', 'deadline_exceeded'],
} as const

const modelReady = {
  ...get,
  path: '/v2/models/{model}/ready',
  operationId: 'modelReady',
  summary: 'Open Inference Protocol: the stable version is loaded and gave its golden answers',
  path_parameters: model,
  answer: modelReadySchema,
  also: [503],
  problems: ['unknown_model'],
} as const

const infer = {
  method: 'post',
  security: 'public',
  path: '/v2/models/{model}/infer',
  operationId: 'infer',
  summary: 'Open Inference Protocol: tensors in, tensors out, on the stable version',
  path_parameters: model,
  body: { contentType: 'application/json', schema: inferenceRequestSchema },
  answer: inferenceResponseSchema,
  problems: [
    'empty_body',
    'invalid_utf8',
    'invalid_json',
    'too_deep',
    'invalid_parameter',
    'unknown_model',
    'body_timeout',
    'incomplete_body',
    'body_too_large',
    'too_many_keys',
    'too_many_events',
    'unsupported_media_type',
    'model_failed',
    'model_unavailable',
    'deadline_exceeded',
  ],
} as const

export const INFERENCE_ROUTES = {
  serverMetadata,
  /** As the specification's OpenAPI document spells it. */
  serverMetadataSlash: { ...serverMetadata, path: '/v2/', operationId: 'serverMetadataSlash' },
  serverLive: {
    ...get,
    path: '/v2/health/live',
    operationId: 'serverLive',
    isUnlimited: true,
    summary: 'Open Inference Protocol: the server answers',
    answer: serverLiveSchema,
    problems: [],
  },
  serverReady: {
    ...get,
    path: '/v2/health/ready',
    operationId: 'serverReady',
    isUnlimited: true,
    summary: 'Open Inference Protocol: every model is ready',
    answer: serverReadySchema,
    also: [503],
    problems: [],
  },
  modelMetadata,
  versionMetadata: {
    ...modelMetadata,
    path: '/v2/models/{model}/versions/{version}',
    operationId: 'versionMetadata',
    summary:
      'Open Inference Protocol: the inputs and outputs of one version; one that is not released needs WRITE_TOKEN',
    path_parameters: version,
    problems: [...modelMetadata.problems, 'unauthorized'],
  },
  modelReady,
  versionReady: {
    ...modelReady,
    path: '/v2/models/{model}/versions/{version}/ready',
    operationId: 'versionReady',
    summary: 'The same of that version; one that is not released needs WRITE_TOKEN',
    path_parameters: version,
    problems: ['unknown_model', 'unknown_version', 'unauthorized'],
  },
  infer,
  inferVersion: {
    ...infer,
    path: '/v2/models/{model}/versions/{version}/infer',
    operationId: 'inferVersion',
    summary: 'The same on that version; one that is not released needs WRITE_TOKEN',
    path_parameters: version,
    problems: [...infer.problems, 'unknown_version', 'unauthorized'],
  },
} as const
