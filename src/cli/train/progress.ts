/** Progress on stderr: a bar that redraws itself on a terminal, a plain line now and then elsewhere. */

const BAR_WIDTH = 24
/** Elsewhere than on a terminal, one line each time another fifth is done. */
const PLAIN_STEPS = 5
const CLEAR_LINE = '\r\u001b[K'

export interface Progress {
  /** How much of the present stage is done, in [0, 1], and what to say of it. */
  update(share: number, note?: string): void
  /** Ends the stage, with what came of it. */
  done(note: string): void
}

/** Where the messages go; `process.stderr` will do. */
export interface MessageStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A new stage called `label`. */
export const startProgress = (stream: MessageStream, label: string): Progress => {
  let lastStep = 0
  return {
    update(share, note = '') {
      if (stream.isTTY) {
        const filled = Math.round(Math.min(1, share) * BAR_WIDTH)
        const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
        stream.write(`${CLEAR_LINE}${label} ${bar} ${Math.round(share * 100)}% ${note}`)
        return
      }
      const step = Math.floor(share * PLAIN_STEPS)
      if (step <= lastStep || share >= 1) return
      lastStep = step
      stream.write(`${label}: ${Math.round(share * 100)}% ${note}`.trimEnd().concat('\n'))
    },
    done(note) {
      stream.write(`${stream.isTTY ? CLEAR_LINE : ''}${label}: ${note}\n`)
    },
  }
}
