/** What a run asks of every record, in a form that goes to threads. */
import type { TimeUnit } from '../../core/event/epoch-number.ts'
import type { OutputColumn } from './columns.ts'

/** Where an event's own fields stand when it is not in the usual places; as `EventRules`, without the clock. */
export interface RecordRules {
  readonly timePath?: string | undefined
  readonly timeUnit?: TimeUnit | undefined
  readonly timeZone?: string | undefined
  readonly zipPath?: string | undefined
}

export const OUTPUT_FORMS = ['parquet', 'csv', 'ndjson'] as const
export type OutputForm = (typeof OUTPUT_FORMS)[number]

export const CODECS = ['snappy', 'zstd', 'none'] as const
export type Codec = (typeof CODECS)[number]

export interface FeaturizePlan {
  readonly rules: RecordRules
  readonly columns: readonly OutputColumn[]
  /** Every byte of a record is checked, as JSON.parse does. */
  readonly strict: boolean
  readonly form: OutputForm
  readonly codec: Codec
  /** A rejected record gives a line of its own, so that the lines out are as many as the lines in. NDJSON only. */
  readonly keepOrder: boolean
}
