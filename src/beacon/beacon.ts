/** The beacon of a page: sends what happens there, and asks for predictions. Nothing of it throws. */
import { attempt } from './attempt.ts'
import { eventId, randomHex } from './identity.ts'
import { add, counts, enter, flush, leave, retryNow } from './queue.ts'
import { post, watchTimings } from './request.ts'
import { sessionFields } from './session.ts'
import { isSilenced, settings } from './settings.ts'
import { takeOver } from './stored.ts'
import type { BeaconOptions, Fields, Prediction, PredictOptions } from './types.ts'

export type * from './types.ts'

const PREDICT_MILLISECONDS = 150

let isStarted = false

const isOff = (): boolean | undefined => !isStarted || isSilenced()

/** An event as it is sent. Throws for fields that are no JSON. */
const lineOf = (name: string | undefined, fields: Fields | undefined): string => {
  const now = Date.now()
  return JSON.stringify({
    event_id: eventId(),
    event_name: name,
    createdDateTime: now,
    page_path: location.pathname,
    ...sessionFields(name, now),
    ...settings.fields,
    ...fields,
  })
}

const track = (name: string, fields?: Fields): void =>
  attempt(() => {
    if (!isOff()) add(lineOf(name, fields))
  })

const predict = <Fallback = undefined>(
  fields?: Fields,
  options?: PredictOptions<Fallback>,
): Promise<Prediction | Fallback> => {
  const { timeoutMilliseconds = PREDICT_MILLISECONDS, fallback } = attempt(() => ({ ...options })) ?? {}
  const ask = async (): Promise<Prediction | Fallback> => {
    if (isOff()) return fallback as Fallback
    const response = await post(settings.predictPath, [lineOf(undefined, fields)], timeoutMilliseconds, false)
    const [prediction] = (await response.json()).predictions
    return prediction.outputs ? prediction : (fallback as Fallback)
  }
  return Promise.race([
    ask().catch(() => fallback as Fallback),
    new Promise<Fallback>((resolve) => setTimeout(resolve, timeoutMilliseconds, fallback)),
  ])
}

/** The second script is for pages that want it, and for texts. It starts once. */
const loadAuto = (): void => {
  if (settings.autoCapture || document.querySelector('[data-nearcast-text]'))
    import(/* webpackIgnore: true */ /* @vite-ignore */ new URL(settings.autoUrl, settings.endpoint).href).then(
      (auto) => auto.start({ track, predict }, settings.autoCapture),
      () => {},
    )
}

const start = (): void => {
  isStarted = true
  watchTimings()
  sessionFields(undefined, Date.now())
  enter()
  addEventListener('pagehide', leave)
  addEventListener('pageshow', enter)
  addEventListener('online', retryNow)
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : enter()))
  loadAuto()
  addEventListener('DOMContentLoaded', loadAuto)
}

const init = (options?: BeaconOptions): void =>
  attempt(() => {
    // An address that is none throws here, before anything has changed.
    const { href } = new URL(options?.endpoint ?? settings.endpoint, location.href)
    Object.assign(settings, options, { endpoint: href.replace(/\/$/, '') })
    settings.traceparent ||= `00-${randomHex(16)}-${randomHex(8)}-00`
    if (isSilenced()) takeOver(true)
    else if (!isStarted) start()
  })

export { counts, flush, init, predict, track }
