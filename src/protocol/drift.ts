/** The wire form of drift: what `GET /v1/drift` answers. */
import { z } from 'zod'

const timeSchema = z.int().describe('Epoch milliseconds')
const probability = z.number().describe('In [0, 1]')
const sharesSchema = z.array(z.number()).nullable().describe('By bin; null where nothing was compared')
const testSchema = z.object({ statistic: z.number(), p: probability })
const tableSchema = testSchema.extend({ degrees: z.number() })

const shareSchema = z
  .object({
    share: probability,
    expected_share: probability,
    p: probability,
    adjusted_p: probability,
    least: z.number().describe('Difference of the shares that counts'),
  })
  .meta({ id: 'DriftShare' })

const shiftSchema = z
  .object({
    test: z.enum(['kolmogorov_smirnov', 'chi_square']).describe('Which test p comes from'),
    statistic: z.number(),
    p: probability,
    adjusted_p: probability.describe('By Benjamini–Hochberg over all tests of the window'),
    effect: z
      .object({
        name: z.enum(['jensen_shannon', 'wasserstein', 'circular_wasserstein']),
        value: z.number(),
        least: z.number().describe('What it must reach to matter'),
      })
      .describe('The one that decides'),
    shown: z
      .object({
        kolmogorov_smirnov: testSchema.extend({ added_error: z.number() }),
        chi_square: tableSchema,
        g: tableSchema,
        jensen_shannon: z.number(),
        wasserstein: z.number().nullable(),
        circular_wasserstein: z.number().nullable(),
        population_stability: z.number(),
        cramers_v: z.number(),
      })
      .describe('All others, to look at'),
  })
  .meta({ id: 'DriftShift' })

const binsSchema = z.union([
  z.object({ edges: z.array(z.number()) }),
  z.object({ values: z.array(z.number()) }),
  z.object({ layout: z.object({ lowest: z.number(), highest: z.number(), bins: z.int() }) }),
])

const seriesSchema = z
  .object({
    role: z.enum(['field', 'output']),
    name: z.string(),
    kind: z.enum(['continuous', 'discrete', 'calendar', 'score', 'label']),
    verdict: z.enum(['no_data', 'too_few', 'stable', 'drifted']).describe('Of this window alone'),
    causes: z.array(z.enum(['shape', 'missing', 'new_values'])),
    status: z.enum(['stable', 'drifted']).nullable().describe('Over all windows and evaluations; null: never judged'),
    since: timeSchema.nullable().describe('Since when the status holds, epoch milliseconds'),
    events: z.number().describe('All that came in, missing values included'),
    sizes: z
      .object({
        current: z.number(),
        reference: z.number(),
        current_effective: z.number(),
        reference_effective: z.number(),
      })
      .describe('Values compared, rows of the reference behind them, and how many independent draws either is worth'),
    coverage: z.number().nullable().describe('Share of the events in hours, or on days, that training saw'),
    bins: binsSchema,
    current: sharesSchema,
    expected: sharesSchema,
    shift: shiftSchema.nullable(),
    missing: shareSchema.nullable(),
    new_values: shareSchema.nullable(),
  })
  .meta({ id: 'DriftSeries' })

const windowSchema = z
  .object({
    name: z.string(),
    hours: z.number(),
    until: timeSchema.describe('Its end, epoch milliseconds'),
    series: z.array(seriesSchema),
  })
  .meta({ id: 'DriftWindow' })

export const driftSchema = z
  .object({
    evaluated_at: timeSchema.nullable().describe('End of the last hour judged; null: none was yet'),
    stale: z.boolean().describe('The last judgement is older than two hours, or there is none'),
    versions: z
      .array(
        z
          .object({
            model_name: z.string(),
            model_version: z.string(),
            reason: z.string().nullable().describe('Why nothing was judged; null: it was'),
            windows: z.array(windowSchema),
          })
          .meta({ id: 'DriftVersion' }),
      )
      .describe('Those that answer: stable, and the canary'),
  })
  .meta({
    id: 'Drift',
    example: {
      evaluated_at: 1731877200000,
      stale: false,
      versions: [
        { model_name: 'late-arrival', model_version: '1.0.0', reason: 'it has no reference profile', windows: [] },
      ],
    },
  })

export type Drift = z.infer<typeof driftSchema>
export type DriftSeriesAnswer = z.infer<typeof seriesSchema>
