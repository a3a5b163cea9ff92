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

const stageSchema = z
  .object({
    count: z.number().describe('Measured requests whose duration is known, weighted'),
    unknown: z.number().describe('Those whose duration is not known, since the clock stood still'),
    p50: quantileSchema,
    p90: quantileSchema,
    p99: quantileSchema,
  })
  .meta({ id: 'StageLatency' })

const outcomeCounts = {
  outcomes: z.number().describe('Each event once'),
  outcome_share: z.number().nullable().describe('Outcomes among the predictions of the window, in [0, 1]'),
}

const probabilityAccuracySchema = z
  .object({
    kind: z.literal('probability'),
    ...outcomeCounts,
    brier_score: z.number().describe('In [0, 1]; 0 is right and certain'),
    predicted_share: z.number().describe('Mean of the probabilities'),
    happened_share: z.number(),
    auc: z.number().nullable().describe('Null unless some happened and some did not'),
    auc_error: z.number().nullable().describe('How far off auc may be, since probabilities are counted in bins'),
    calibration_error: z.number().describe('Mean distance of predicted and observed'),
    calibration: z
      .array(z.object({ outcomes: z.number(), predicted: z.number(), observed: z.number() }))
      .describe('Groups of about equal size, by probability'),
  })
  .meta({ id: 'ProbabilityAccuracy' })

const valueAccuracySchema = z
  .object({
    kind: z.literal('value'),
    ...outcomeCounts,
    mean_absolute_error: z.number().describe('In the unit of the output'),
    root_mean_squared_error: z.number(),
    bias: z.number().describe('Mean of foretold minus true'),
  })
  .meta({ id: 'ValueAccuracy' })

const coverageSchema = z
  .object({ share: z.number(), expected: z.number() })
  .nullable()
  .describe(
    'Share of the outcomes that were at most this quantile, and the one foretold; null without labels that ascend',
  )

const distributionAccuracySchema = z
  .object({
    kind: z.literal('distribution'),
    ...outcomeCounts,
    likeliest_share: z.number().describe('Outcomes whose likeliest label was the true one'),
    brier_score: z.number().describe('Over all labels, in [0, 2]'),
    ranked_probability_score: z
      .number()
      .nullable()
      .describe('In the unit of the labels; null without labels that ascend'),
    p50: coverageSchema,
    p90: coverageSchema,
  })
  .meta({ id: 'DistributionAccuracy' })

const accuracySchema = z.discriminatedUnion('kind', [
  probabilityAccuracySchema,
  valueAccuracySchema,
  distributionAccuracySchema,
])

const versionSchema = z
  .object({
    predictions: z.number(),
    errors: countBySchema.describe('By failure code'),
    error_share: z.number().nullable(),
    degraded: countBySchema.describe('By warning code'),
    latency: latencySchema,
    stages: z
      .record(z.string(), stageSchema)
      .describe('By stage, and total for the whole request; quantiles are off by 1 % at most'),
    outputs: z.record(z.string(), binCountsSchema),
    accuracy: z
      .record(z.string(), accuracySchema)
      .optional()
      .describe('By output, where outcomes with receipts were reported; each in the window in which it was foretold'),
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
    zip_reads: countBySchema.describe('Zip packs read from KV, by how the read ended; one may serve many lookups'),
    unknown_zip_share: z
      .number()
      .nullable()
      .describe('Lookups of a zip that nobody knows, in [0, 1]; null when no zip was looked up'),
    browser: z
      .record(z.string(), stageSchema)
      .describe('How long browsers waited for an answer, by route, as the beacon told it; nothing of it is verified'),
    lost: z.number().describe('Events whose counts never arrived'),
    accepted: z
      .number()
      .describe('Events that POST /v1/events stored; what became of them is counted when it is known'),
    load_failures: countBySchema.describe('How often a version could not be loaded, by name@version'),
    limit_faults: countBySchema.describe('Requests that passed uncounted since the limit of requests failed, by how'),
    requests: countBySchema.describe('Requests by operation and class of status, as "predict 2xx"'),
    pairs: z.array(pairSchema).describe('How two versions differ on the same events'),
    code_versions: countBySchema.describe('Events by deployed version of the code'),
    code_outcomes: z
      .record(
        z.string(),
        z.object({
          events: z.number().describe('Answered, or failed by a fault of the service'),
          failed: z.number().describe('Of them those that failed'),
        }),
      )
      .describe('How events ended, by deployed version of the code; statistics objects of older code do not tell'),
    shards: z.object({ answered: z.int(), of: z.int() }),
  })
  .meta({ id: 'Statistics' })

export type StatisticsAnswer = z.infer<typeof statisticsReportSchema>
