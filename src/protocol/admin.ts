/** The wire of /admin: release commands, releases with their history, and published versions. */
import { z } from 'zod'
import type { Verdict } from '../core/judgement/verdict.ts'
import type { Actor, Release, ReleaseChange, ReleaseCommand, ReleaseState } from '../core/release/release.ts'
import { versionRecordSchema } from './version-record.ts'

/** Publishing has its own limit, apart from MAX_BODY_BYTES. */
export const MAX_UPLOAD_BYTES = 25 * 1024 * 1024

const fileSchema = z.string().meta({ format: 'binary' })

/** The parts of a published version, each a file but `by`. */
export const uploadSchema = z
  .object({
    manifest: fileSchema.describe('manifest.json'),
    model: fileSchema.describe('model.onnx'),
    reference: fileSchema.optional().describe('reference.json, when the manifest names one'),
    card: fileSchema.optional().describe('MODEL_CARD.md'),
    by: z.string().max(100).optional().describe('Who publishes, for the record; a text, no file'),
  })
  .meta({ id: 'Upload' })

const version = z.string().min(1).describe('A bundled or published version')
const common = {
  expected_revision: z
    .int()
    .nonnegative()
    .optional()
    .describe('The revision the command is meant for; another is a conflict'),
  reason: z.string().min(1).max(1_000).optional().describe('For the history'),
  by: z.string().min(1).max(100).optional().describe('Who commands, for the history'),
}

export const releaseCommandSchema = z
  .discriminatedUnion('command', [
    z.strictObject({
      command: z.literal('canary'),
      version,
      share: z.number().meta({
        description: 'Of the units, more than 0 and less than 1',
        override: { exclusiveMinimum: 0, exclusiveMaximum: 1 },
      }),
      ...common,
    }),
    z.strictObject({
      command: z.literal('shadow'),
      version: version.nullable().describe('null ends the shadow'),
      ...common,
    }),
    z.strictObject({ command: z.literal('promote'), ...common }),
    z.strictObject({ command: z.literal('rollback'), ...common }),
    z.strictObject({ command: z.literal('switch'), version, ...common }),
    z.strictObject({
      command: z.literal('hold'),
      until: z.iso.datetime({ offset: true }).nullable().optional().describe('No end when left out'),
      ...common,
    }),
    z.strictObject({ command: z.literal('resume'), ...common }),
  ])
  .meta({ id: 'ReleaseCommand' })

export type ReleaseCommandBody = z.infer<typeof releaseCommandSchema>

/** Stands in the history where nobody said why. */
const NO_REASON = 'no reason given'

export const commandOf = (body: ReleaseCommandBody): ReleaseCommand => {
  const expected = body.expected_revision === undefined ? {} : { expectedRevision: body.expected_revision }
  const reason = body.reason ?? NO_REASON
  switch (body.command) {
    case 'canary':
      return { command: body.command, version: body.version, share: body.share, ...expected }
    case 'shadow':
      return { command: body.command, version: body.version, ...expected }
    case 'switch':
      return { command: body.command, version: body.version, ...expected }
    case 'rollback':
      return { command: body.command, reason, ...expected }
    case 'hold': {
      const until = body.until === undefined || body.until === null ? null : Date.parse(body.until)
      return { command: body.command, reason, until, ...expected }
    }
    case 'promote':
    case 'resume':
      return { command: body.command, ...expected }
  }
}

const instant = z.iso.datetime()
const actorSchema = z.object({ kind: z.enum(['operator', 'rule']), name: z.string() })

const stateShape = {
  stable: z.string(),
  canary: z.object({ version: z.string(), share: z.number(), since: instant }).nullable(),
  shadow: z.object({ version: z.string(), since: instant }).nullable(),
  fallback: z.string().nullable().describe('Answers where the version that should cannot be loaded'),
  hold: z
    .object({ reason: z.string(), until: instant.nullable(), by: actorSchema })
    .nullable()
    .describe('Stops every automatic move'),
  rolled_back: z.array(z.string()),
}

export const releaseStateSchema = z.object(stateShape).meta({ id: 'ReleaseState' })

export const controlledReleaseSchema = z
  .object({
    model: z.string(),
    revision: z.int().describe('Only grows; 0 is what the bundle ships'),
    ...stateShape,
    changed_at: instant.nullable().describe('null: nobody has released anything yet'),
  })
  .meta({ id: 'ControlledRelease' })

export const releaseChangeSchema = z
  .object({
    revision: z.int(),
    at: instant,
    by: actorSchema,
    command: z.looseObject({ command: z.string() }),
    before: releaseStateSchema,
    after: releaseStateSchema,
    reason: z.string().nullable(),
    evidence: z.unknown().describe('What a rule judged by'),
    trace_id: z.string().optional().describe('The W3C trace of the request that commanded it'),
  })
  .meta({ id: 'ReleaseChange' })

export const judgementSchema = z
  .object({
    version: z.string(),
    at: instant,
    verdict: z.enum(['collecting', 'healthy', 'breach']),
    ready_to_promote: z.boolean(),
    units: z.int().describe('Visitors compared; estimated where only a sample of them is kept'),
    reasons: z.array(z.string()),
    move: z.string().nullable().describe('What was done about it; null: nothing'),
  })
  .meta({ id: 'Judgement' })

export const loadAlarmSchema = z
  .object({
    version: z.string().describe('A released version that some isolate could not load; it takes no traffic there'),
    revision: z.int().describe('Of the release when that was first heard of'),
    first: instant,
    last: instant,
    count: z.int().describe('Loads that failed'),
  })
  .meta({ id: 'LoadAlarm' })

export const releaseHistorySchema = z
  .object({
    release: controlledReleaseSchema,
    judgement: judgementSchema.nullable().default(null).describe('The last look at a canary, also one that is over'),
    alarms: z.array(loadAlarmSchema).default([]).describe('Newest first'),
    history: z.array(releaseChangeSchema).describe('Newest first'),
  })
  .meta({ id: 'ReleaseHistory' })

export const releaseChangedSchema = z
  .object({
    release: controlledReleaseSchema,
    change: releaseChangeSchema.nullable().describe('null: the release was so already'),
    propagation: z
      .object({
        busy_isolates_within_seconds: z.number(),
        cold_isolates_by: instant.describe('As long as KV takes the write; it is tried again until it does'),
        pushed_to: z
          .object({ answered: z.int(), of: z.int() })
          .describe('Statistics shards; the others are tried again'),
      })
      .nullable(),
  })
  .meta({ id: 'ReleaseChanged' })

export const publishedVersionsSchema = z
  .object({
    model: z.string(),
    bundled: z.array(z.string()),
    published: z.array(versionRecordSchema).describe('Oldest first'),
  })
  .meta({ id: 'PublishedVersions' })

export const publishedSchema = z
  .object({
    created: z.boolean().describe('false: the same bytes were published before'),
    version: versionRecordSchema,
  })
  .meta({ id: 'Published' })

export type ControlledRelease = z.infer<typeof controlledReleaseSchema>
export type ReleaseHistory = z.infer<typeof releaseHistorySchema>
export type ReleaseChanged = z.infer<typeof releaseChangedSchema>
export type PublishedVersions = z.infer<typeof publishedVersionsSchema>
export type Published = z.infer<typeof publishedSchema>

/** Times in epoch milliseconds. */
export interface FailedLoads {
  readonly version: string
  readonly revision: number
  readonly first: number
  readonly last: number
  readonly count: number
}

/** One look at a canary; `at` in epoch milliseconds. */
export interface JudgedCanary {
  readonly version: string
  readonly at: number
  readonly verdict: Verdict
  readonly move: string | null
}

const iso = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString()
const actorOf = ({ kind, name }: Actor): z.infer<typeof actorSchema> => ({ kind, name })

const stateOf = (state: ReleaseState): z.infer<typeof releaseStateSchema> => {
  const { stable, canary, shadow, fallback, hold, rolledBack } = state
  return {
    stable,
    canary: canary === null ? null : { ...canary, since: iso(canary.since) },
    shadow: shadow === null ? null : { ...shadow, since: iso(shadow.since) },
    fallback,
    hold:
      hold === null
        ? null
        : { reason: hold.reason, until: hold.until === null ? null : iso(hold.until), by: actorOf(hold.by) },
    rolled_back: [...rolledBack],
  }
}

export const alarmOf = ({ version, revision, first, last, count }: FailedLoads): z.infer<typeof loadAlarmSchema> => ({
  version,
  revision,
  first: iso(first),
  last: iso(last),
  count,
})

export const judgementOf = ({ version, at, verdict, move }: JudgedCanary): z.infer<typeof judgementSchema> => ({
  version,
  at: iso(at),
  verdict: verdict.verdict,
  ready_to_promote: verdict.readyToPromote,
  units: verdict.units,
  reasons: [...verdict.reasons],
  move,
})

export const releaseOf = (release: Release): ControlledRelease => ({
  model: release.model,
  revision: release.revision,
  ...stateOf(release),
  changed_at: release.revision === 0 ? null : iso(release.changedAt),
})

export const changeOf = ({
  revision,
  at,
  actor,
  command: { expectedRevision, ...command },
  before,
  after,
  reason,
  evidence,
  traceId,
}: ReleaseChange): z.infer<typeof releaseChangeSchema> => ({
  revision,
  at: iso(at),
  by: actorOf(actor),
  command: {
    ...command,
    ...('until' in command && command.until !== null && { until: iso(command.until) }),
    ...(expectedRevision !== undefined && { expected_revision: expectedRevision }),
  },
  before: stateOf(before),
  after: stateOf(after),
  reason,
  evidence,
  ...(traceId === undefined ? {} : { trace_id: traceId }),
})
