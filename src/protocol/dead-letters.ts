/** The wire of dead letters: what is listed of them, the rules that repair them, and what became of a replay. */
import { z } from 'zod'
import { FAILURE_CODES, quote } from '../core/failure.ts'
import type { JsonValue } from '../core/json.ts'
import type { FixRule } from '../core/replay/fix-rules.ts'
import { offsetSeconds } from '../core/time/zones.ts'

/** The most that one call takes. */
export const MAX_REPLAYED = 1_000
const MAX_RULES = 50
const MAX_PATH = 300

export const LETTER_STAGES = ['receive', 'read', 'predict', 'archive', 'deliver'] as const
export const LETTER_STATES = ['waiting', 'replaying', 'replayed', 'discarded'] as const

const instant = z.iso.datetime()
const code = z.enum(FAILURE_CODES)
const stage = z.enum(LETTER_STAGES).describe('Where it was given up')
const state = z.enum(LETTER_STATES)
const counts = z.record(z.string(), z.int())

export const letterSchema = z
  .object({
    id: z.string(),
    state,
    stage,
    code,
    message: z.string(),
    path: z.string().nullable().describe('Where in the event, dotted; or the line of the body'),
    event: z.string().nullable().describe('The id of the event, where it has one'),
    model: z.string(),
    model_version: z.string().nullable().describe('The version that failed on it'),
    code_version: z.string(),
    received_at: instant,
    sent_at: z.string().nullable().describe("What the sender's clock said, as JSON"),
    is_public: z.boolean().describe('Caused by what anybody may send: under the hourly quota'),
    is_bot: z.boolean(),
    first_failed_at: instant,
    last_failed_at: instant,
    changed_at: instant,
    attempts: z.int().describe('Deliveries so far'),
    is_body: z.boolean().describe('The payload is a whole body, perhaps of several events'),
    is_cut: z.boolean().describe('The payload was longer than is kept: it can be looked at, not replayed'),
    bytes: z.int().describe('Of the payload, as far as it is kept'),
    reason: z.string().nullable().describe('Why it was discarded'),
  })
  .meta({ id: 'DeadLetter' })

export const letterTotalsSchema = z
  .object({
    waiting: z.int(),
    by_state: counts,
    by_stage: counts,
    by_code: counts,
    counted: z.int().describe('Over the quota: only counted'),
    payload_bytes: z.int(),
  })
  .meta({ id: 'DeadLetterTotals' })

const cursorSchema = z.string().regex(/^\d{1,15}$/, 'expected the cursor of the answer before')
const nextCursor = z.string().nullable().describe('To go on with; null at the end')

export const letterPageSchema = z
  .object({
    letters: z.array(letterSchema).describe('In the order they came'),
    cursor: nextCursor,
    totals: letterTotalsSchema.describe('Of all letters, whatever the filter'),
  })
  .meta({ id: 'DeadLetterPage' })

export const letterWithPayloadSchema = letterSchema
  .extend({
    payload: z.string().nullable().describe('As it came; null where the bucket no longer has it'),
    payload_encoding: z.enum(['utf-8', 'base64']),
  })
  .meta({ id: 'DeadLetterWithPayload' })

const time = z.iso.datetime({ offset: true, error: 'expected a time with its zone, such as 2026-11-25T13:00:00Z' })
const model = z.string().min(1).max(200)

const filterShape = {
  state: state.optional(),
  stage: stage.optional(),
  code: code.optional(),
  model: model.optional(),
  from: time.optional().describe('First failed at this time or later'),
  to: time.optional().describe('First failed before this time'),
}

export const letterFilterSchema = z.strictObject(filterShape).meta({ id: 'DeadLetterFilter' })

export const letterQuerySchema = z.object(filterShape)
export { cursorSchema }

const path = z.string().min(1).max(MAX_PATH)

const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `is ${quote(input)}; expected ${what}`,
})

const zone = z
  .string()
  .refine((name) => offsetSeconds(name, 0) !== undefined, expected('an IANA zone such as America/New_York'))
  .meta({ override: { format: 'iana-time-zone' } })

export const fixRuleSchema = z
  .discriminatedUnion(
    'op',
    [
      z.strictObject({ op: z.literal('rename'), from: path, to: path }),
      z.strictObject({
        op: z.literal('cast'),
        path,
        to: z.enum(['number', 'string', 'epoch_milliseconds'], expected('number, string or epoch_milliseconds')),
        unit: z
          .enum(['s', 'ms', 'us', 'ns'], expected('s, ms, us or ns'))
          .optional()
          .describe('Of numbers, to epoch_milliseconds'),
        zone: zone.optional().describe('Of times that name none, to epoch_milliseconds'),
      }),
      z
        .strictObject({
          op: z.literal('set'),
          path,
          value: z.json().optional(),
          from: z.literal('received_at').optional().describe('Instead of a value: when the event was received'),
          if_missing: z.boolean().optional().describe('Skip events that have something there'),
        })
        .refine(({ value, from }) => (value === undefined) !== (from === undefined), {
          error: 'set takes either a value or from',
        })
        .meta({ override: { oneOf: [{ required: ['value'] }, { required: ['from'] }] } }),
    ],
    expected('an op of rename, cast or set'),
  )
  .meta({ id: 'FixRule' })

const ids = z.array(z.string().min(1).max(100)).min(1).max(MAX_REPLAYED)

const whichShape = {
  ids: ids.optional().describe('These letters'),
  filter: letterFilterSchema.optional().describe('Or those that fit; waiting ones, unless it names a state'),
  limit: z.int().min(1).max(MAX_REPLAYED).optional().describe('Letters of this call, with a filter; 1,000 by default'),
  cursor: cursorSchema.optional().describe('With a filter: what the answer before said'),
}

/** What is checked where the body is read: an empty request would otherwise mean all letters. */
const eitherWay = { oneOf: [{ required: ['ids'] }, { required: ['filter'] }] }

export const replaySchema = z
  .strictObject({
    ...whichShape,
    fixes: z.array(fixRuleSchema).max(MAX_RULES).optional().describe('Applied to each event, in this order'),
    dry_run: z.boolean().optional().describe('Only say what would become of them'),
    again: z.boolean().optional().describe('Also letters that are being replayed: safe, they have one effect'),
  })
  .meta({ id: 'Replay', override: eitherWay })

export const REPLAY_OUTCOMES = ['would_replay', 'replaying', 'still_fails', 'not_replayable', 'unknown'] as const

export const replayedSchema = z
  .object({
    id: z.string(),
    outcome: z.enum(REPLAY_OUTCOMES),
    events: z.int().describe('Events it holds, where they could be read'),
    code: code.optional(),
    message: z.string().optional().describe('Why it still fails, or cannot be replayed'),
    path: z.string().optional(),
  })
  .meta({ id: 'ReplayedLetter' })

export const replayAnswerSchema = z
  .object({
    dry_run: z.boolean(),
    counts: z.object(Object.fromEntries(REPLAY_OUTCOMES.map((outcome) => [outcome, z.int()])) as Counts),
    fixes: z
      .array(z.object({ rule: z.int(), applied: z.int(), skipped: z.int() }))
      .describe('For each rule, from 1: events it was applied to, and events in which there was nothing for it to do'),
    letters: z.array(replayedSchema),
    cursor: nextCursor,
    remaining: z.array(z.string()).describe('Of the ids: those this call did not come to'),
  })
  .meta({ id: 'ReplayAnswer' })

type Counts = Record<(typeof REPLAY_OUTCOMES)[number], z.ZodInt>

export const discardSchema = z
  .strictObject({
    ...whichShape,
    reason: z
      .string()
      .trim()
      .min(1)
      .max(1_000)
      .meta({ override: { pattern: '\\S' } }),
  })
  .meta({ id: 'Discard', override: eitherWay })

export const discardAnswerSchema = z
  .object({ discarded: z.array(z.string()), cursor: nextCursor })
  .meta({ id: 'DiscardAnswer' })

export type LetterAnswer = z.infer<typeof letterSchema>
export type LetterPageAnswer = z.infer<typeof letterPageSchema>
export type LetterWithPayload = z.infer<typeof letterWithPayloadSchema>
export type LetterFilterBody = z.infer<typeof letterFilterSchema>
export type ReplayBody = z.infer<typeof replaySchema>
export type ReplayedLetter = z.infer<typeof replayedSchema>
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>
export type DiscardBody = z.infer<typeof discardSchema>
export type DiscardAnswer = z.infer<typeof discardAnswerSchema>

/** The rules as they are applied. */
export const rulesOf = (fixes: ReplayBody['fixes'] = []): readonly FixRule[] =>
  fixes.map((rule) => {
    if (rule.op !== 'set') return rule
    const { op, path: place, value, from, if_missing } = rule
    if (from !== undefined) return { op, path: place, from, if_missing }
    return { op, path: place, value: value as JsonValue, if_missing }
  })
