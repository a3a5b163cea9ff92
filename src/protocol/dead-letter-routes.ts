/** The routes of dead letters under /admin. */
import { z } from 'zod'
import {
  cursorSchema,
  discardAnswerSchema,
  discardSchema,
  letterPageSchema,
  letterQuerySchema,
  letterWithPayloadSchema,
  replayAnswerSchema,
  replaySchema,
} from './dead-letters.ts'
import { JSON_BODY_PROBLEMS } from './json-body-problems.ts'
import { wholeNumber } from './query.ts'

export const DEAD_LETTER_ROUTES = {
  deadLetters: {
    method: 'get',
    path: '/admin/dead-letters',
    operationId: 'listDeadLetters',
    summary: 'Events that were given up, in the order they came, and how many there are',
    security: 'admin',
    query: letterQuerySchema.extend({
      limit: wholeNumber(1, 500).optional().describe('Letters of a page; 50 by default'),
      cursor: cursorSchema.optional().describe('What the page before said'),
    }),
    answer: letterPageSchema,
    problems: ['invalid_parameter', 'dead_letters_unavailable'],
  },
  deadLetter: {
    method: 'get',
    path: '/admin/dead-letters/{id}',
    operationId: 'getDeadLetter',
    summary: 'One dead letter with its payload',
    security: 'admin',
    path_parameters: z.object({ id: z.string().min(1).max(100) }),
    answer: letterWithPayloadSchema,
    problems: ['unknown_dead_letter', 'dead_letters_unavailable', 'archive_unavailable'],
  },
  replayDeadLetters: {
    method: 'post',
    path: '/admin/dead-letters/replay',
    operationId: 'replayDeadLetters',
    summary: 'Repair dead letters by rules and process them again; each has one effect, however often it is replayed',
    security: 'admin',
    body: { contentType: 'application/json', schema: replaySchema },
    answer: replayAnswerSchema,
    problems: [...JSON_BODY_PROBLEMS, 'dead_letters_unavailable', 'archive_unavailable', 'queue_unavailable'],
  },
  discardDeadLetters: {
    method: 'post',
    path: '/admin/dead-letters/discard',
    operationId: 'discardDeadLetters',
    summary: 'Give dead letters up for good, with a reason',
    security: 'admin',
    body: { contentType: 'application/json', schema: discardSchema },
    answer: discardAnswerSchema,
    problems: [...JSON_BODY_PROBLEMS, 'dead_letters_unavailable'],
  },
} as const
