/** Measures a deployment from outside: start, clock, the tail of KV, memory. */
import { z } from 'zod'
import { type Asked, ask, bearer, below, jsonOf } from './ask.ts'

export interface Quantiles {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly maximum: number | null
}

/** Nearest rank, in the unit of the values. */
export const quantilesOf = (values: readonly number[]): Quantiles => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number): number | null => sorted[Math.ceil(q * sorted.length) - 1] ?? null
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), maximum: sorted.at(-1) ?? null }
}

const predictionSchema = z.object({ imputed: z.array(z.string()), warnings: z.array(z.string()) })
const countBy = z.record(z.string(), z.number())
const statisticsSchema = z.object({
  zip_lookups: countBy,
  zip_reads: countBy,
  models: z.record(
    z.string(),
    z.object({
      versions: z.record(z.string(), z.object({ latency: z.object({ count: z.number(), unknown: z.number() }) })),
    }),
  ),
})
type Statistics = z.infer<typeof statisticsSchema>

export interface LiveReport {
  readonly url: string
  readonly measured_at: string
  readonly start: {
    readonly first_milliseconds: number | null
    readonly later_milliseconds: Quantiles
    /** Answers of an isolate that had not heard of the releases yet: cold ones. */
    readonly answers_of_cold_isolates: number
    readonly startup_cpu: 'not visible from outside; wrangler versions view ID --json tells startup_time_ms'
  }
  readonly clock: {
    readonly answers_with_server_timing: number
    readonly answers_with_a_duration: number
    readonly unknown_duration_share: number | null
  }
  readonly zip_store: {
    readonly first_read_milliseconds: Quantiles
    readonly again_milliseconds: Quantiles
    readonly flagged: Readonly<Record<string, number>>
    readonly lookups: Readonly<Record<string, number>> | null
    readonly reads: Readonly<Record<string, number>> | null
  }
  readonly memory: {
    readonly bytes: null
    readonly about: string
    readonly answers_that_failed: number
  }
  readonly requests: number
  readonly failures: Readonly<Record<string, number>>
}

export interface LiveOptions {
  readonly url: URL
  /** Opens the statistics; without it what they tell stays `null`. */
  readonly readToken: string | undefined
  /** One zip of each prefix that is asked for. */
  readonly zips: readonly string[]
  /** Time until counts have arrived, milliseconds. */
  readonly settleMilliseconds: number
  readonly now: () => number
}

/** A Sunday afternoon in 2024. */
const TIME = 1731880381293

const readStatistics = async ({ url, readToken }: LiveOptions): Promise<Statistics | null> => {
  if (readToken === undefined) return null
  const asked = await ask(below(url, 'v1/stats?window=1h'), { headers: bearer(readToken) })
  return statisticsSchema.safeParse(jsonOf(asked)).data ?? null
}

/** What was counted between the two, of anybody's requests. */
const grown = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(after).flatMap(([key, count]) => {
      const more = count - (before[key] ?? 0)
      return more > 0 ? [[key, more]] : []
    }),
  )

const unknownShare = (statistics: Statistics | null): number | null => {
  let known = 0
  let unknown = 0
  for (const { versions } of Object.values(statistics?.models ?? {})) {
    for (const { latency } of Object.values(versions)) {
      known += latency.count
      unknown += latency.unknown
    }
  }
  return known + unknown === 0 ? null : unknown / (known + unknown)
}

const increase = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1
}

const MEMORY =
  'not visible from outside. Errors 1102 or "exceeded memory" stand in the dashboard of the account; npm run memory measures workerd on your machine'

/** Sends one prediction after the other; nothing is written but what predictions count. */
export const measureLive = async (options: LiveOptions): Promise<LiveReport> => {
  const { url, zips, settleMilliseconds, now } = options
  const failures: Record<string, number> = {}
  const flagged: Record<string, number> = {}
  let timed = 0
  let withDuration = 0
  let cold = 0
  let requests = 0
  const predict = async (zip: string): Promise<Asked> => {
    const body = JSON.stringify({ createdDateTime: TIME, zipCode: zip })
    const asked = await ask(below(url, 'v1/predict?features=false'), { method: 'POST', body })
    requests++
    const prediction = predictionSchema.safeParse(jsonOf(asked)).data
    if (asked.status !== 200 || prediction === undefined) {
      increase(failures, asked.reason ?? String(asked.status))
      return asked
    }
    const timing = asked.headers.get('server-timing')
    if (timing !== null) timed++
    if (timing?.includes(';dur=')) withDuration++
    for (const warning of prediction.warnings) increase(flagged, warning)
    if (prediction.warnings.includes('release_unknown')) cold++
    return asked
  }
  const before = await readStatistics(options)
  const times: { readonly first: number[]; readonly again: number[] } = { first: [], again: [] }
  for (const pass of ['first', 'again'] as const) {
    for (const zip of zips) {
      const asked = await predict(zip)
      if (asked.status === 200) times[pass].push(asked.milliseconds)
    }
  }
  await new Promise((wake) => setTimeout(wake, settleMilliseconds))
  const after = await readStatistics(options)
  const isTold = before !== null && after !== null
  return {
    url: url.href,
    measured_at: new Date(now()).toISOString(),
    start: {
      first_milliseconds: times.first[0] ?? null,
      later_milliseconds: quantilesOf(times.again),
      answers_of_cold_isolates: cold,
      startup_cpu: 'not visible from outside; wrangler versions view ID --json tells startup_time_ms',
    },
    clock: {
      answers_with_server_timing: timed,
      answers_with_a_duration: withDuration,
      unknown_duration_share: unknownShare(after),
    },
    zip_store: {
      first_read_milliseconds: quantilesOf(times.first),
      again_milliseconds: quantilesOf(times.again),
      flagged,
      lookups: isTold ? grown(before.zip_lookups, after.zip_lookups) : null,
      reads: isTold ? grown(before.zip_reads, after.zip_reads) : null,
    },
    memory: {
      bytes: null,
      about: MEMORY,
      answers_that_failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
    },
    requests,
    failures,
  }
}
