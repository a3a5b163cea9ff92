/** How an index is followed, and the flags that say so. */
import type { ParseArgsConfig } from 'node:util'
import { UsageError } from '../command.ts'
import { parseDuration } from './duration.ts'

export interface FollowOptions {
  /** Ends after one look where false. */
  readonly isEndless: boolean
  /** The file that keeps how far the stream has come; `undefined` begins anew each time. */
  readonly checkpoint: string | undefined
  /** Between the end of one look and the next. */
  readonly everyMilliseconds: number
  /** How long after its own time an event may become visible and is still found. */
  readonly latenessMilliseconds: number
  /** Where a stream without a checkpoint begins, in epoch milliseconds; with the first event where `undefined`. */
  readonly fromMilliseconds: number | undefined
}

/** For `parseArgs`. */
export const FOLLOW_FLAGS = {
  follow: { type: 'boolean' },
  to: { type: 'string' },
  checkpoint: { type: 'string' },
  every: { type: 'string' },
  lateness: { type: 'string' },
  from: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

export interface FollowFlagValues {
  readonly follow?: boolean | undefined
  readonly to?: string | undefined
  readonly checkpoint?: string | undefined
  readonly every?: string | undefined
  readonly lateness?: string | undefined
  readonly from?: string | undefined
}

export const FOLLOW_HELP = `As a stream:
  --follow                keeps looking for new events, in the order of their time, until it is stopped
  --to URL                posts them to a worker instead of writing features: URL ends in /v1/events, or in /v1/predict,
                          whose predictions are then written, one a line; without --follow it ends with the last event
  --checkpoint FILE       how far the stream has come; it goes on from there, and no event that was taken is given again
                          (default with --output DIR/: in DIR/)
  --every TIME            between two looks (default: 5s)
  --lateness TIME         how late an event may become visible and still be found (default: 60s)
  --from WHEN             where a new stream begins: beginning, now, or an ISO 8601 instant
                          (default: now with --follow, else beginning)
`

const parseFrom = (text: string, nowMilliseconds: number): number | undefined => {
  if (text === 'beginning') return undefined
  if (text === 'now') return nowMilliseconds
  const instant = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant)) {
    throw new UsageError(`--from ${text}: expected beginning, now, or an instant such as 2024-11-17T21:53:01Z`)
  }
  return instant
}

/** Throws a UsageError where the flags do not fit. */
export const readFollowFlags = (flags: FollowFlagValues, nowMilliseconds: number): FollowOptions => {
  const isEndless = flags.follow === true
  if (isEndless && flags.checkpoint === undefined) throw new UsageError('--follow goes with --checkpoint FILE')
  return {
    isEndless,
    checkpoint: flags.checkpoint,
    everyMilliseconds: parseDuration(flags.every ?? '5s', '--every'),
    latenessMilliseconds: parseDuration(flags.lateness ?? '60s', '--lateness'),
    fromMilliseconds: parseFrom(flags.from ?? (isEndless ? 'now' : 'beginning'), nowMilliseconds),
  }
}

/** Throws a UsageError for what is no address of a worker. */
export const readTarget = (text: string): string => {
  const isAddress = URL.canParse(text) && /^https?:/.test(text)
  if (isAddress && /\/v1\/(?:events|predict|models\/[^/]+\/versions\/[^/]+\/predict)$/.test(new URL(text).pathname)) {
    return text
  }
  throw new UsageError(`--to ${text}: expected a URL that ends in /v1/events or /v1/predict`)
}
