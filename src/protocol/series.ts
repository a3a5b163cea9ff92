/** The wire form of the statistics along the time line. */
import { z } from 'zod'
import { SERIES_RANGE_NAMES } from '../core/statistics/series.ts'

export const seriesRangeSchema = z.enum(SERIES_RANGE_NAMES)

const countBySchema = z.record(z.string(), z.number())
const quantileSchema = z.number().nullable().describe('Seconds; null when no duration is known')

const seriesLatencySchema = z
  .object({
    count: z.number().describe('Requests whose duration is known'),
    unknown: z.number().describe('Requests whose duration is not known; they are in no quantile'),
    p50: quantileSchema,
    p90: quantileSchema,
    p99: quantileSchema,
  })
  .meta({ id: 'SeriesLatency' })

const seriesVersionSchema = z
  .object({
    predictions: z.number(),
    errors: countBySchema.describe('By failure code'),
    degraded: countBySchema.describe('By warning code'),
    latency: seriesLatencySchema,
    stages: z
      .record(z.string(), seriesLatencySchema)
      .describe('By stage, and total for the whole request; quantiles are off by 1 % at most'),
  })
  .meta({ id: 'SeriesVersion' })

const seriesCountsSchema = z
  .object({
    models: z.record(z.string(), z.object({ versions: z.record(z.string(), seriesVersionSchema) })),
    rejected: countBySchema.describe('Events and requests that failed before a version was chosen, by failure code'),
    zip_lookups: countBySchema.describe('By how they ended'),
    accepted: z.number().describe('Events that POST /v1/events stored'),
    lost: z.number().describe('Events whose counts never arrived'),
  })
  .meta({ id: 'SeriesCounts' })

const seriesPointSchema = z
  .object({
    from: z.int(),
    to: z.int(),
    counts: seriesCountsSchema
      .nullable()
      .describe(
        'null: not known, since nothing was counted yet, a shard does not answer, or the finest counts were lost at a restart',
      ),
  })
  .meta({ id: 'SeriesPoint' })

const releaseMarkSchema = z
  .object({
    model_name: z.string(),
    at: z.int(),
    revision: z.int(),
    command: z.string(),
    stable: z.string().describe('As the change left it'),
    canary: z.object({ version: z.string(), share: z.number() }).nullable(),
    shadow: z.string().nullable(),
    by: z.enum(['operator', 'rule']),
    rule: z.string().nullable().describe('The rule that moved by itself'),
  })
  .meta({ id: 'ReleaseMark' })

export const seriesSchema = z
  .object({
    range: seriesRangeSchema,
    step_seconds: z.number(),
    from: z.int(),
    to: z.int(),
    as_of: z.int().describe('When the shards were asked; the point that holds it is still growing'),
    counted_since: z.int().nullable().describe('The start of the first counts that are known; null: there are none'),
    points: z.array(seriesPointSchema).describe('Evenly spaced, oldest first, at most 170'),
    releases: z
      .array(releaseMarkSchema)
      .nullable()
      .describe('Changes of releases within the range, oldest first; null: their controllers do not answer'),
    dead_letters: z
      .object({ waiting: z.number() })
      .nullable()
      .describe('Now; null: there are none kept, or their object does not answer'),
    shards: z.object({ answered: z.int(), of: z.int() }),
  })
  .meta({
    id: 'StatisticsSeries',
    example: {
      range: '1h',
      step_seconds: 60,
      from: 1731880320000,
      to: 1731880440000,
      as_of: 1731880381293,
      counted_since: 1731880380000,
      points: [
        { from: 1731880320000, to: 1731880380000, counts: null },
        {
          from: 1731880380000,
          to: 1731880440000,
          counts: {
            models: {
              'late-arrival': {
                versions: {
                  '1.0.0': {
                    predictions: 12,
                    errors: {},
                    degraded: { zip_unknown: 1 },
                    latency: { count: 16, unknown: 0, p50: 0.004, p90: 0.006, p99: 0.008 },
                    stages: { infer: { count: 16, unknown: 0, p50: 0.001, p90: 0.002, p99: 0.002 } },
                  },
                },
              },
            },
            rejected: { missing_time: 1 },
            zip_lookups: { memory: 12 },
            accepted: 0,
            lost: 0,
          },
        },
      ],
      releases: [],
      dead_letters: { waiting: 0 },
      shards: { answered: 4, of: 4 },
    },
  })

export type StatisticsSeries = z.infer<typeof seriesSchema>
export type SeriesPointAnswer = z.infer<typeof seriesPointSchema>
export type SeriesCountsAnswer = z.infer<typeof seriesCountsSchema>
export type ReleaseMark = z.infer<typeof releaseMarkSchema>
