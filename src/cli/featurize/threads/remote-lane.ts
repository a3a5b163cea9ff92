/** What whoever hands out work knows of a lane, be it in a thread or not. */
import type { EncodedGroup } from '../parquet/row-group.ts'
import type { TypedColumn } from '../parquet/schema.ts'
import type { Batch } from '../rows/batch.ts'
import type { Block, BlockResult } from '../rows/block.ts'

/** A lane that answers when it can; requests are answered in order. */
export interface RemoteLane {
  /** `spare` is memory of batches that were encoded. */
  read(block: Block, spare: readonly SharedArrayBuffer[]): Promise<BlockResult>
  /** `memory` is what an earlier group came in. */
  encode(columns: readonly TypedColumn[], batches: readonly Batch[], memory?: SharedArrayBuffer): Promise<EncodedGroup>
  /** Ends it at once; what it has not answered by then never is. */
  close(): Promise<void>
}
