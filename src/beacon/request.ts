/** One request to the worker: a body that needs no preflight, and how long the earlier ones took. */
import { attempt } from './attempt.ts'
import { settings } from './settings.ts'

const MOST_TIMINGS = 100

const timings: { readonly route: string; readonly milliseconds: number }[] = []

/** Notes how long the browser took for requests of ours. */
export const watchTimings = (): void =>
  attempt(() =>
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries())
        for (const kind of ['events', 'predict'] as const)
          if (name.startsWith(settings.endpoint + settings[`${kind}Path`]) && timings.length < MOST_TIMINGS)
            timings.push({ route: `/v1/${kind}`, milliseconds: +duration.toFixed(1) })
    }).observe({ type: 'resource', buffered: true }),
  )

const bodyOf = (lines: readonly string[], isEvents: boolean): string => {
  const around = {
    sent_at: Date.now(),
    traceparent: settings.traceparent,
    timings: isEvents ? timings.splice(0) : [],
  }
  return `${JSON.stringify(around).slice(0, -1)},"events":[${lines}]}`
}

/** Hands events to the browser, which sends them whatever becomes of the page. */
export const beacon = (lines: readonly string[]): boolean | undefined =>
  attempt(() => navigator.sendBeacon(settings.endpoint + settings.eventsPath, bodyOf(lines, true)))

/** A text without headers of its own is sent across origins without asking first. Whatever the page made of `fetch`, this throws nothing at once. */
export const post = async (
  path: string,
  lines: readonly string[],
  milliseconds: number,
  isEvents: boolean,
): Promise<Response> =>
  fetch(settings.endpoint + path, {
    method: 'POST',
    body: bodyOf(lines, isEvents),
    keepalive: isEvents,
    credentials: 'omit',
    signal: AbortSignal.timeout?.(milliseconds),
    headers: settings.traceparentHeader ? { traceparent: settings.traceparent } : {},
  })
