/** What passes between the main thread and the others. */
import type { EncodedGroup } from '../parquet/row-group.ts'
import type { TypedColumn } from '../parquet/schema.ts'
import type { FeaturizePlan } from '../plan.ts'
import type { Batch } from '../rows/batch.ts'
import type { Block, BlockResult } from '../rows/block.ts'
import type { ZipData } from '../zip-data.ts'

export interface ThreadSetup {
  readonly plan: FeaturizePlan
  readonly zips: ZipData
  readonly keepRejects: boolean
}

export type Request =
  | { readonly read: Block; readonly spare: readonly SharedArrayBuffer[] }
  | {
      readonly encode: {
        readonly columns: readonly TypedColumn[]
        readonly batches: readonly Batch[]
        readonly memory: SharedArrayBuffer | undefined
      }
    }

/** Errors lose their class on the way. */
export interface SentError {
  readonly isUsage: boolean
  readonly message: string
  readonly stack: string | undefined
}

export type Reply = { readonly block: BlockResult } | { readonly group: EncodedGroup } | { readonly error: SentError }
