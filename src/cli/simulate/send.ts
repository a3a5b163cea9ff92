/** Sends planned requests when they are due, never more than a few at once, each with a deadline. */
import type { PlannedRequest } from '../../training/traffic/traffic.ts'
import type { Pace } from './pace.ts'

export interface Answered {
  readonly request: PlannedRequest
  /** `null`: there was none in time, or the connection failed. */
  readonly status: number | null
  readonly milliseconds: number
  readonly body: string
}

export interface SendOptions {
  readonly target: URL
  /** The most requests under way at once; what is due beyond it waits for one of them. */
  readonly inFlight: number
  readonly deadlineMilliseconds: number
  readonly pace: Pace
  /** Ends the run: what is under way is waited for, and nothing more is sent. */
  readonly signal: AbortSignal
  readonly onAnswer: (answered: Answered) => void
  /** With the milliseconds since the beginning, before each request. */
  readonly onSend: (atMilliseconds: number) => void
}

export interface Sent {
  readonly sent: number
  /** Requests that had to wait for others, since as many as may be were under way. */
  readonly heldBack: number
  /** The longest any request was late, milliseconds. */
  readonly latestMilliseconds: number
  readonly milliseconds: number
}

const askOnce = async (
  request: PlannedRequest,
  { target, deadlineMilliseconds, pace }: SendOptions,
): Promise<Answered> => {
  const start = pace.now()
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': request.userAgent },
      body: request.body,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMilliseconds),
    })
    const body = await response.text()
    return { request, status: response.status, milliseconds: pace.now() - start, body }
  } catch {
    return { request, status: null, milliseconds: pace.now() - start, body: '' }
  }
}

/** Resolves when every request was answered or given up. Never rejects for a request. */
export const sendAll = async (requests: Iterable<PlannedRequest>, options: SendOptions): Promise<Sent> => {
  const { pace, signal, inFlight } = options
  const start = pace.now()
  const underWay = new Set<Promise<void>>()
  let sent = 0
  let heldBack = 0
  let latestMilliseconds = 0
  for (const request of requests) {
    const wait = request.atMilliseconds - (pace.now() - start)
    if (wait > 0) await pace.sleep(wait, signal)
    if (underWay.size >= inFlight) {
      heldBack++
      while (underWay.size >= inFlight) await Promise.race(underWay)
    }
    if (signal.aborted) break
    const elapsed = pace.now() - start
    latestMilliseconds = Math.max(latestMilliseconds, elapsed - request.atMilliseconds)
    options.onSend(elapsed)
    sent++
    const asked: Promise<void> = askOnce(request, options).then((answered) => {
      underWay.delete(asked)
      options.onAnswer(answered)
    })
    underWay.add(asked)
  }
  await Promise.all(underWay)
  return { sent, heldBack, latestMilliseconds, milliseconds: pace.now() - start }
}
