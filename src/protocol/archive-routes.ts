/** The routes of the archive under /admin, and what they answer. */
import { z } from 'zod'
import { ARCHIVE_FORM, HOUR_FORM } from './archive-keys.ts'
import { wholeNumber } from './query.ts'

export const archivePageSchema = z
  .object({
    objects: z
      .array(
        z.object({
          key: z.string(),
          bytes: z.int().nonnegative().describe('Compressed'),
          written_at: z.iso.datetime(),
        }),
      )
      .describe('In order of their keys'),
    is_joining: z
      .boolean()
      .describe('Objects are being joined: some events may be in none that is listed, until the joined one is'),
    cursor: z.string().nullable().describe('To go on with; null at the end'),
  })
  .meta({ id: 'ArchivePage' })

export type ArchivePage = z.infer<typeof archivePageSchema>

const keySchema = z
  .string()
  .regex(ARCHIVE_FORM, 'expected a key of the archive, such as archive/2026-11-25/13/0b541211.ndjson.gz')

const listQuery = z.object({
  day: z.iso.date('expected a day such as 2026-11-25').describe('A day, UTC: 2026-11-25'),
  hour: z.string().regex(HOUR_FORM, 'expected 00 to 23').optional().describe('Only this hour of it: 00 to 23'),
  cursor: keySchema.optional().describe('What the page before said: the key it ended with'),
  limit: wholeNumber(1, 1_000).optional().describe('Objects of a page; 1,000 by default'),
})

export const ARCHIVE_ROUTES = {
  archive: {
    method: 'get',
    path: '/admin/archive',
    operationId: 'listArchive',
    summary: 'The objects of the archive, by day and hour of receipt',
    security: 'admin',
    query: listQuery,
    answer: archivePageSchema,
    problems: ['invalid_parameter', 'archive_unavailable'],
  },
  archiveObject: {
    method: 'get',
    path: '/admin/archive/object',
    operationId: 'getArchiveObject',
    summary: 'One object: NDJSON, gzipped, an archived event a line in the form of elasticdump',
    security: 'admin',
    query: z.object({ key: keySchema.describe('As the list names it') }),
    answer: z.string().meta({ format: 'binary' }),
    answerType: 'application/gzip',
    problems: ['invalid_parameter', 'unknown_object', 'archive_unavailable'],
  },
} as const
