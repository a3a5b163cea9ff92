/** Time as a run of traffic sees it: real, or a test's. */

export interface Pace {
  /** Milliseconds, from any beginning; never less than before. */
  now(): number
  /** Resolves after that long, or as soon as `signal` is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const realPace: Pace = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      if (signal.aborted) done()
      else signal.addEventListener('abort', done)
    }),
}
