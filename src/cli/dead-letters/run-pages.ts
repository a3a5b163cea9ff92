/** Replays and discards dead letters of a deployment page by page, until none is left. */
import {
  type DiscardAnswer,
  discardAnswerSchema,
  letterPageSchema,
  MAX_REPLAYED,
  type ReplayAnswer,
  type ReplayBody,
  replayAnswerSchema,
} from '../../protocol/dead-letters.ts'
import { clientOf, type Deployment } from '../release/admin-client.ts'
import type { Progress } from '../train/progress.ts'
import type { LetterAction, Which } from './read-command.ts'

type Replay = Extract<LetterAction, { kind: 'replay' }>
type Discard = Extract<LetterAction, { kind: 'discard' }>

/** How many letters there are to go through; a filter may let fewer through. */
const countOf = async (deployment: Deployment, which: Which): Promise<number> => {
  if ('ids' in which) return which.ids.length
  const { totals } = letterPageSchema.parse(
    await clientOf(deployment).get('/admin/dead-letters', { query: { limit: 1 } }),
  )
  const { state = 'waiting', code } = which.filter
  return Math.min(
    totals.by_state[state] ?? 0,
    code === undefined ? Number.POSITIVE_INFINITY : (totals.by_code[code] ?? 0),
  )
}

interface Page {
  readonly cursor: string | null
  readonly remaining?: readonly string[]
}

type Part = Pick<ReplayBody, 'ids' | 'filter' | 'cursor'>

/** Calls `one` with each page's part of the request. */
const eachPage = async (which: Which, one: (part: Part) => Promise<Page>): Promise<void> => {
  if ('ids' in which) {
    let left = [...which.ids]
    while (left.length > 0) {
      const { remaining = [] } = await one({ ids: left.slice(0, MAX_REPLAYED) })
      left = [...remaining, ...left.slice(MAX_REPLAYED)]
    }
    return
  }
  let cursor: string | null = null
  do {
    const page: Page = await one({ filter: which.filter, ...(cursor !== null && { cursor }) })
    cursor = page.cursor
  } while (cursor !== null)
}

const sum = (a: ReplayAnswer, b: ReplayAnswer): ReplayAnswer => ({
  ...b,
  counts: {
    would_replay: a.counts.would_replay + b.counts.would_replay,
    replaying: a.counts.replaying + b.counts.replaying,
    still_fails: a.counts.still_fails + b.counts.still_fails,
    not_replayable: a.counts.not_replayable + b.counts.not_replayable,
    unknown: a.counts.unknown + b.counts.unknown,
  },
  fixes: b.fixes.map(({ rule, applied, skipped }, index) => ({
    rule,
    applied: applied + (a.fixes[index]?.applied ?? 0),
    skipped: skipped + (a.fixes[index]?.skipped ?? 0),
  })),
  letters: [...a.letters, ...b.letters],
})

/** What became of all of them, as one answer. Throws a ClientError; what was replayed until then stays so. */
export const replayAll = async (deployment: Deployment, replay: Replay, progress: Progress): Promise<ReplayAnswer> => {
  const { which, fixes, isDry, again } = replay
  const client = clientOf(deployment)
  const total = await countOf(deployment, which)
  let all: ReplayAnswer | undefined
  await eachPage(which, async (part) => {
    const answer = replayAnswerSchema.parse(
      await client.post('/admin/dead-letters/replay', { body: { ...part, fixes, dry_run: isDry, again } }),
    )
    all = all === undefined ? answer : sum(all, answer)
    progress.update(all.letters.length / Math.max(total, 1), `${all.letters.length} letters`)
    return { cursor: answer.cursor, remaining: answer.remaining }
  })
  if (all === undefined) throw new Error('no letter was asked for')
  return all
}

export const discardAll = async (
  deployment: Deployment,
  { which, reason }: Discard,
  progress: Progress,
): Promise<DiscardAnswer> => {
  const client = clientOf(deployment)
  const total = await countOf(deployment, which)
  const discarded: string[] = []
  await eachPage(which, async (part) => {
    const answer = discardAnswerSchema.parse(
      await client.post('/admin/dead-letters/discard', { body: { ...part, reason } }),
    )
    discarded.push(...answer.discarded)
    progress.update(discarded.length / Math.max(total, 1), `${discarded.length} letters`)
    return { cursor: answer.cursor }
  })
  return { discarded, cursor: null }
}
