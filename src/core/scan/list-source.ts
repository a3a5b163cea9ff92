/** Records one after the other, whatever lines they are on: in lists that something encloses, or bare. */
import type { Enclosure } from './enclosure.ts'
import { Stop } from './kernel.ts'
import type { Progress, RecordSource } from './record-source.ts'
import type { FailAt, ScanFailure } from './scan-failure.ts'
import type { Scanner } from './scanner.ts'

export class ListSource implements RecordSource {
  readonly isLines = false
  private readonly scanner: Scanner
  private readonly fail: FailAt
  private readonly enclosure: Enclosure | undefined
  private inList: boolean

  constructor(scanner: Scanner, fail: FailAt, enclosure?: Enclosure) {
    this.scanner = scanner
    this.fail = fail
    this.enclosure = enclosure
    this.inList = enclosure === undefined
    scanner.kernel.beginList()
  }

  fill(at: number, final: boolean): Progress {
    const { scanner } = this
    if (!this.inList && this.enclosure !== undefined) {
      const { to, place } = this.enclosure.advance(at, final)
      if (to !== 'list') return { place, wantsInput: true }
      this.inList = true
      scanner.kernel.beginList()
      return { place, wantsInput: false }
    }
    const stop = scanner.scanElements(at, this.enclosure !== undefined, final)
    const place = scanner.kernel.consumed()
    if (stop === Stop.listClosed) this.inList = false
    const wantsInput = stop === Stop.wantsInput
    return { place, wantsInput, failure: this.failureOf(stop, final) }
  }

  private failureOf(stop: number, final: boolean): ScanFailure | undefined {
    const { rows, inputEnd } = this.scanner
    if (stop === Stop.lost) {
      const last = rows.count - 1
      const code = rows.faultCode(last)
      if (code === 'unexpected_end') {
        return this.fail('cut_off', 'the input ends inside the record that begins here', rows.recordStart(last))
      }
      return this.fail(code, 'the structure of the input is lost here', rows.faultPlace(last))
    }
    const isCut = stop === Stop.wantsInput && final && this.enclosure !== undefined
    return isCut ? this.fail('cut_off', 'the input ends inside a list of records', inputEnd) : undefined
  }
}
