/** A deployed worker as a rollout sees it: smoke, probes, and what its statistics say by version of the code. */
import { z } from 'zod'
import { type Asked, ask, bearer, below, jsonOf } from '../../src/cli/deploy/ask.ts'
import type { Outcome } from './judge.ts'

export interface WorkerView {
  /** What is wrong with it, in words; `version` is the one that must answer, and is asked for by name unless `isAlone`. */
  smoke(version: string, isAlone: boolean): Promise<string[]>
  /** Predictions that name `version`. */
  probe(version: string): Promise<Outcome>
  /** By version of the code; `null`: they cannot be read in whole. */
  outcomes(): Promise<Readonly<Record<string, Outcome>> | null>
}

export interface WorkerAddress {
  readonly url: URL
  /** Its name, which a request for a version must give. */
  readonly worker: string
  readonly readToken: string
  readonly probes: number
}

/** One of the golden instants: day 322, a Sunday, 21 h. */
const EVENT = JSON.stringify({ createdDateTime: 1731880381293, zipCode: '94107' })
const DEADLINE_MILLISECONDS = 5_000

const predictionSchema = z.object({
  features: z.object({ day_of_year: z.literal(322), day_of_week: z.literal(6), hour_of_day: z.literal(21) }),
  outputs: z.record(z.string(), z.unknown()),
})
const outcomeSchema = z.object({ events: z.number(), failed: z.number() })
const statisticsSchema = z.object({
  code_outcomes: z.record(z.string(), outcomeSchema),
  shards: z.object({ answered: z.number(), of: z.number() }),
})

/** Picks the version that answers, while it is part of the deployment (Cloudflare's documentation, 2026-11). */
export const overrideHeader = (worker: string, version: string): Record<string, string> => ({
  'cloudflare-workers-version-overrides': `${worker}="${version}"`,
})

/** The version of the code that answered a scrape. */
export const answeredBy = (metrics: string): string | null =>
  /^nearcast_build_info\{[^}]*code_version="([^"]*)"/m.exec(metrics)?.[1] ?? null

const wrong = (what: string, asked: Asked): string =>
  `${what} answered ${asked.reason ?? asked.status}${asked.status === 200 ? ' with what it should not' : ''}`

export const workerView = ({ url, worker, readToken, probes }: WorkerAddress): WorkerView => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Asked> =>
    ask(below(url, path), { headers }, DEADLINE_MILLISECONDS)

  const predict = async (headers: Record<string, string>): Promise<Asked> =>
    ask(below(url, 'v1/predict'), { method: 'POST', body: EVENT, headers }, DEADLINE_MILLISECONDS)

  const isRight = (asked: Asked): boolean => asked.status === 200 && predictionSchema.safeParse(jsonOf(asked)).success

  return {
    async smoke(version, isAlone) {
      const named = isAlone ? {} : overrideHeader(worker, version)
      const complaints: string[] = []
      const metrics = await get('metrics', { ...named, ...bearer(readToken) })
      if (metrics.status !== 200) complaints.push(wrong('/metrics', metrics))
      const by = answeredBy(metrics.text)
      if (metrics.status === 200 && by !== version) complaints.push(`version ${by} answers, not ${version}`)
      for (const path of ['livez', 'readyz', 'openapi.json', 'v1/models']) {
        const asked = await get(path, named)
        if (asked.status !== 200) complaints.push(wrong(`/${path}`, asked))
      }
      const prediction = await predict(named)
      if (!isRight(prediction)) complaints.push(wrong('/v1/predict', prediction))
      return complaints
    },

    async probe(version) {
      let failed = 0
      for (let sent = 0; sent < probes; sent++) {
        const asked = await predict(overrideHeader(worker, version))
        // Too many requests of ours are no fault of the version.
        if (asked.status !== 429 && !isRight(asked)) failed++
      }
      return { events: probes, failed }
    },

    async outcomes() {
      const asked = await get('v1/stats?window=5m', bearer(readToken))
      const statistics = statisticsSchema.safeParse(jsonOf(asked)).data
      if (asked.status !== 200 || statistics === undefined) return null
      const { code_outcomes, shards } = statistics
      return shards.answered < shards.of ? null : code_outcomes
    },
  }
}
