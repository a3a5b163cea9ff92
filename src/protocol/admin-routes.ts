/** The routes of /admin, declared as all others are. */
import { z } from 'zod'
import {
  publishedSchema,
  publishedVersionsSchema,
  releaseChangedSchema,
  releaseCommandSchema,
  releaseHistorySchema,
  uploadSchema,
} from './admin.ts'
import { JSON_BODY_PROBLEMS } from './json-body-problems.ts'
import { modelName } from './manifest.ts'
import { wholeNumber } from './query.ts'

const modelParameter = z.object({ model: modelName })

const historyQuery = z.object({
  limit: wholeNumber(1, 200).optional().describe('Entries of the history; 20 by default'),
  before: wholeNumber(1, 999_999_999).optional().describe('Only entries of revisions below this'),
})

export const ADMIN_ROUTES = {
  releaseHistory: {
    method: 'get',
    path: '/admin/models/{model}/release',
    operationId: 'getRelease',
    summary: 'Which version answers which share, and how that came about',
    security: 'admin',
    path_parameters: modelParameter,
    query: historyQuery,
    answer: releaseHistorySchema,
    problems: ['invalid_parameter', 'unknown_model', 'registry_unavailable'],
  },
  releaseCommand: {
    method: 'post',
    path: '/admin/models/{model}/release',
    operationId: 'commandRelease',
    summary: 'Canary, shadow, promote, roll back, switch, hold or resume',
    security: 'admin',
    path_parameters: modelParameter,
    body: { contentType: 'application/json', schema: releaseCommandSchema },
    answer: releaseChangedSchema,
    problems: [
      ...JSON_BODY_PROBLEMS,
      'unknown_model',
      'unknown_version',
      'release_refused',
      'release_conflict',
      'registry_unavailable',
    ],
  },
  publishedVersions: {
    method: 'get',
    path: '/admin/models/{model}/versions',
    operationId: 'listVersions',
    summary: 'The bundled and published versions of a model',
    security: 'admin',
    path_parameters: modelParameter,
    answer: publishedVersionsSchema,
    problems: ['unknown_model', 'registry_unavailable'],
  },
  publish: {
    method: 'post',
    path: '/admin/models/{model}/versions',
    operationId: 'publishVersion',
    summary: 'Publish a version; it answers nobody until a release command says so',
    security: 'admin',
    path_parameters: modelParameter,
    body: { contentType: 'multipart/form-data', schema: uploadSchema },
    answer: publishedSchema,
    also: [201],
    problems: [
      'body_too_large',
      'incomplete_body',
      'body_timeout',
      'invalid_upload',
      'invalid_utf8',
      'invalid_manifest',
      'unknown_model',
      'unknown_fields',
      'version_refused',
      'version_exists',
      'registry_unavailable',
    ],
  },
} as const
