/** The wire form of the statistics report. */
import { z } from 'zod'
import { STATISTICS_WINDOWS } from '../core/statistics/report.ts'

export const statisticsWindowSchema = z.enum(STATISTICS_WINDOWS)

const countBySchema = z.record(z.string(), z.number())
const quantileSchema = z.number().nullable().describe('Seconds; null when no duration is known')

const binCountsSchema = z
  .object({
    lowest: z.number(),
    highest: z.number(),
    counts: z.array(z.number()).describe('Bins of equal width from lowest to highest'),
    under: z.number(),
    over: z.number(),
    non_finite: z.number(),
    unlike: z.number(),
  })
  .meta({ id: 'BinCounts' })

const latencySchema = z
  .object({
    count: z.number().describe('Requests whose duration is known'),
    unknown: z.number().describe('Requests whose duration is not known; in no quantile and no bucket'),
    sum_seconds: z.number(),
    p50: quantileSchema,
    p90: quantileSchema,
    p99: quantileSchema,
    buckets: z.array(z.object({ le: z.union([z.number(), z.literal('+Inf')]), count: z.number() })),
  })
  .meta({ id: 'Latency' })

const versionSchema = z
  .object({
    predictions: z.number(),
    errors: countBySchema.describe('By failure code'),
    error_share: z.number().nullable(),
    degraded: countBySchema.describe('By warning code'),
    latency: latencySchema,
    outputs: z.record(z.string(), binCountsSchema),
  })
  .meta({ id: 'VersionStatistics' })

const differenceSchema = z
  .object({
    count: z.number(),
    mean_difference: z.number().nullable().describe('Of the absolute differences'),
    maximum_difference: z.number().nullable(),
    decisions: z.number().describe('Events in which both versions came to a decision'),
    changed_share: z.number().nullable().describe('Decisions that differ, in [0, 1]'),
  })
  .meta({ id: 'OutputDifference' })

const pairSchema = z
  .object({
    model_name: z.string(),
    first: z.string().describe('The version that answered; beside a canary the stable one'),
    other: z.string().describe('The shadow or the canary'),
    events: z.number().describe('Events both were asked about'),
    skipped: z.number().describe('Events left out since the isolate was behind or the version not in memory'),
    first_failed: z.number(),
    other_failed: z.number(),
    both_failed: z.number(),
    latency: latencySchema,
    outputs: z.record(z.string(), differenceSchema),
  })
  .meta({ id: 'VersionPair' })

export const statisticsReportSchema = z
  .object({
    window: statisticsWindowSchema,
    from: z.int(),
    to: z.int(),
    as_of: z.int(),
    models: z.record(z.string(), z.object({ versions: z.record(z.string(), versionSchema) })),
    rejected: countBySchema.describe('Events and requests that failed before a version was chosen, by failure code'),
    zip_lookups: countBySchema.describe('By how they ended'),
    lost: z.number().describe('Events whose counts never arrived'),
    accepted: z
      .number()
      .describe('Events that POST /v1/events stored; what became of them is counted when it is known'),
    load_failures: countBySchema.describe('How often a version could not be loaded, by name@version'),
    limit_faults: countBySchema.describe('Requests that passed uncounted since the limit of requests failed, by how'),
    pairs: z.array(pairSchema).describe('How two versions differ on the same events'),
    code_versions: countBySchema.describe('Events by deployed version of the code'),
    shards: z.object({ answered: z.int(), of: z.int() }),
  })
  .meta({ id: 'Statistics' })
