/** A run of traffic against a deployment, from its options to its summary. */
import { civilPlaces } from '../../training/places.ts'
import { makeTraffic } from '../../training/traffic/traffic.ts'
import { findToken } from '../release/deployment.ts'
import { type MessageStream, startProgress } from '../train/progress.ts'
import { readZips } from '../train/read-zips.ts'
import { OutcomeSender, type ReportedOutcomes } from './outcomes.ts'
import type { Pace } from './pace.ts'
import type { TrafficOptions } from './read-options.ts'
import { sendAll } from './send.ts'
import { Tally, type TrafficSummary } from './summary.ts'

/** The bar is drawn at most so often. */
const REDRAW_MILLISECONDS = 100
/** A report of outcomes is larger than an event. */
const LEAST_REPORT_MILLISECONDS = 10_000

export interface Surroundings {
  readonly stream: MessageStream
  readonly pace: Pace
  /** Epoch milliseconds. */
  readonly epochNow: () => number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

export interface TrafficResult extends TrafficSummary {
  readonly seed: number
  readonly starts_at: string
  readonly outcomes?: ReportedOutcomes
}

const under = (url: URL, path: string): URL => new URL(path, url.href.endsWith('/') ? url : `${url.href}/`)

/** Never rejects for what the deployment does. Throws a UsageError where zips or token are missing. */
export const sendTraffic = async (options: TrafficOptions, around: Surroundings): Promise<TrafficResult> => {
  const { url, seed, seconds, speed, outcomesTokenName: tokenName } = options
  const { stream, pace, signal } = around
  const places = civilPlaces(readZips(options.zips).packs)
  // With clocks that run faster the run ends in the present, and begins in the past.
  const startsAt = options.startsAt ?? Math.floor(around.epochNow() - Math.max(0, speed - 1) * seconds * 1_000)
  const target = under(url, 'v1/predict')
  target.searchParams.set('features', 'false')
  if (options.model !== undefined) target.searchParams.set('model', options.model)
  const outcomes =
    tokenName === undefined
      ? undefined
      : new OutcomeSender(
          under(url, 'v1/outcomes'),
          findToken(url, tokenName, around.environment),
          Math.max(options.deadlineMilliseconds, LEAST_REPORT_MILLISECONDS),
        )
  const tally = new Tally()
  const progress = startProgress(stream, 'sending')
  let drawnAt = Number.NEGATIVE_INFINITY
  const sent = await sendAll(makeTraffic({ ...options, places, startsAt }), {
    target,
    inFlight: options.inFlight,
    deadlineMilliseconds: options.deadlineMilliseconds,
    pace,
    signal,
    onSend: (at) => {
      if (at - drawnAt < REDRAW_MILLISECONDS) return
      drawnAt = at
      progress.update(at / (seconds * 1_000), `${tally.answered} answered, ${tally.unanswered} not`)
    },
    onAnswer: (answered) => {
      tally.add(answered)
      outcomes?.take(answered)
    },
  })
  const reported = await outcomes?.finish()
  progress.done(`${sent.sent} sent, ${tally.answered} answered${signal.aborted ? '; interrupted' : ''}`)
  return {
    seed,
    starts_at: new Date(startsAt).toISOString(),
    ...tally.summary(sent, signal.aborted),
    ...(reported !== undefined && { outcomes: reported }),
  }
}
