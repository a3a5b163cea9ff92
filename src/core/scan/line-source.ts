/** Records on one line each, or in `_bulk` pairs of lines. */
import type { BulkPairs } from './bulk.ts'
import { Stop } from './kernel.ts'
import type { Progress, RecordSource } from './record-source.ts'
import type { FailAt } from './scan-failure.ts'
import type { Scanner } from './scanner.ts'

export class LineSource implements RecordSource {
  readonly isLines = true
  private readonly scanner: Scanner
  private readonly fail: FailAt
  private readonly pairs: BulkPairs | undefined

  constructor(scanner: Scanner, fail: FailAt, pairs?: BulkPairs) {
    this.scanner = scanner
    this.fail = fail
    this.pairs = pairs
  }

  fill(at: number, final: boolean): Progress {
    const { scanner } = this
    const { rows } = scanner
    const wantsInput = scanner.scanLines(at, final) === Stop.wantsInput
    const place = scanner.kernel.consumed()
    const last = rows.count - 1
    const isEnd = wantsInput && final
    if (this.pairs?.pair(rows)) {
      const start = rows.recordStart(last)
      if (isEnd) return { place, wantsInput, failure: this.fail('cut_off', 'the input ends behind this action', start) }
      // An action and its document are read together.
      rows.count = last
      return { place: start, wantsInput }
    }
    // A last line that ends too soon and without a line feed was not written to its end.
    const isCut =
      isEnd && last >= 0 && rows.faultCode(last) === 'unexpected_end' && rows.faultPlace(last) === scanner.inputEnd
    const failure = isCut
      ? this.fail('cut_off', 'the input ends inside this record', rows.recordStart(last))
      : undefined
    return { place, wantsInput, failure }
  }
}
