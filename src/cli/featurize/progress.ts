/** How far a run has come: a bar with rate and remaining time on a terminal, now and then a line elsewhere. */
import { type MessageStream, startProgress } from '../train/progress.ts'
import type { Tally } from './tally.ts'

const REDRAW_MILLISECONDS = 200
const LINE_MILLISECONDS = 10_000
const CLEAR_LINE = '\r\u001b[K'

/** 1234567 as `1.23 M`. */
const short = (value: number): string => {
  if (value < 1e3) return value.toFixed(0)
  const [scaled, unit] = value < 1e6 ? [value / 1e3, 'k'] : value < 1e9 ? [value / 1e6, 'M'] : [value / 1e9, 'G']
  return `${scaled.toPrecision(3)} ${unit}`
}

const clock = (seconds: number): string => {
  const whole = Math.round(seconds)
  const tail = `${String(Math.floor(whole / 60) % 60).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
  return whole < 3600 ? tail : `${Math.floor(whole / 3600)}:${tail}`
}

export class RunProgress {
  private readonly stream: MessageStream
  private readonly total: number | undefined
  private readonly now: () => number
  private readonly start: number
  private last: number
  private readonly bar: { update(share: number, note?: string): void }

  /** `total` is what `position` grows to in `update`; `now` is a monotonic clock in milliseconds. */
  constructor(stream: MessageStream, total: number | undefined, now: () => number) {
    this.stream = stream
    this.total = total
    this.now = now
    this.start = now()
    this.last = this.start
    this.bar = startProgress(stream, 'featurize')
  }

  update(tally: Tally, position: number): void {
    const now = this.now()
    const pause = this.stream.isTTY === true ? REDRAW_MILLISECONDS : LINE_MILLISECONDS
    if (now - this.last < pause) return
    this.last = now
    const { total, stream } = this
    const rejected = tally.rejected === 0 ? '' : `, ${tally.rejected} rejected`
    const note = `${tally.rows} rows${rejected}, ${this.rate(tally)}`
    if (total !== undefined && total > 0) {
      const share = Math.min(1, position / total)
      const left = share === 0 ? '' : `, ${clock(((now - this.start) / 1000) * (1 / share - 1))} left`
      if (stream.isTTY === true) this.bar.update(share, note + left)
      else stream.write(`featurize: ${Math.round(share * 100)}%, ${note}${left}\n`)
    } else stream.write(stream.isTTY === true ? `${CLEAR_LINE}featurize: ${note}` : `featurize: ${note}\n`)
  }

  /** Takes the bar away, so that messages can be printed. */
  clear(): void {
    if (this.stream.isTTY === true) this.stream.write(CLEAR_LINE)
  }

  /** Rows and megabytes a second since the beginning. */
  rate(tally: Tally): string {
    const seconds = Math.max(0.001, (this.now() - this.start) / 1000)
    return `${short(tally.rows / seconds)} rows/s, ${short(tally.bytes / seconds)}B/s`
  }

  /** Since the beginning. */
  get seconds(): number {
    return (this.now() - this.start) / 1000
  }
}
