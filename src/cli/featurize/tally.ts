/** What a run has done so far, in numbers. */
import type { ZipLevel } from '../../core/zip/zip-features.ts'
import type { BlockResult } from './rows/block.ts'
import type { Reject } from './rows/reject.ts'

/** So many rejects are shown. */
const EXAMPLES = 3

export interface RejectExample {
  readonly source: string
  readonly reject: Reject
}

export class Tally {
  rows = 0
  rejected = 0
  /** Bytes read, after decompression. */
  bytes = 0
  readonly zips: Record<ZipLevel, number> = { exact: 0, zip3_mean: 0, national_mean: 0 }
  /** Of each label whether any row has a value. */
  readonly labels: boolean[] = []
  /** The first rejects, each with its source. */
  readonly examples: RejectExample[] = []

  /** `rejects` are those of `result`, with their lines counted from the beginning of the source. */
  add(source: string, result: BlockResult, rejects: readonly Reject[]): void {
    this.rows += result.rows
    this.rejected += result.rejected
    this.bytes += result.bytes
    this.zips.exact += result.zips.exact
    this.zips.zip3_mean += result.zips.zip3_mean
    this.zips.national_mean += result.zips.national_mean
    result.labels.forEach((has, label) => {
      this.labels[label] ||= has
    })
    for (const reject of rejects) {
      if (this.examples.length < EXAMPLES && reject.code !== 'blank_line') this.examples.push({ source, reject })
    }
  }

  /** The share of records that gave no row, in [0, 1]; 0 where there was none. */
  get rejectShare(): number {
    return this.rejected === 0 ? 0 : this.rejected / (this.rows + this.rejected)
  }
}
