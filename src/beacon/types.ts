/** What a page says to the beacon, and what it is told: the types of `nearcast/beacon`. */

/** Columns of an event, as JSON has them. */
export type Fields = Readonly<Record<string, unknown>>

export interface BeaconOptions {
  /** Origin of the worker, or of a proxy before it, with a path if need be. Default: where the script came from, else the page's origin. */
  readonly endpoint?: string
  /** Where events go; `/v1/events` by default. */
  readonly eventsPath?: string
  /** Where predictions come from; `/v1/predict` by default. A query such as `?features=false` may follow. */
  readonly predictPath?: string
  /** Loads the second script, which tracks page views and clicks on elements with `data-nearcast`. Default: false. */
  readonly autoCapture?: boolean
  /** Address of the second script. Default: beside the first one (`beacon.js`, `beacon-auto.js`). */
  readonly autoUrl?: string
  /** Go with every event and prediction. */
  readonly fields?: Fields
  /** Global Privacy Control and Do Not Track switch everything off. Default: true. */
  readonly respectPrivacySignals?: boolean
  /** Events that are sent without waiting longer; 20 by default. */
  readonly batchEvents?: number
  /** How long an event waits for others, milliseconds; 5,000 by default. */
  readonly batchMilliseconds?: number
  /** Events that wait at most, 1,000 by default; beyond it the oldest is dropped, and counted. */
  readonly queueEvents?: number
  /** W3C trace of the page, sent in the body. Default: `<meta name="traceparent">`, else a new one for each request. */
  readonly traceparent?: string
  /** Sends the trace as a header too, which costs a preflight across origins. Default: false. */
  readonly traceparentHeader?: boolean
}

export interface PredictOptions<Fallback> {
  /** 150 by default. */
  readonly timeoutMilliseconds?: number
  /** What the promise resolves to when there is no good answer in time. */
  readonly fallback?: Fallback
}

/** As `POST /v1/predict` answers; `/openapi.json` has every field. */
export interface Prediction {
  readonly id: string
  readonly model_name: string
  readonly model_version: string
  readonly outputs: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** Of this page, since it was loaded. */
export interface Counts {
  /** Waiting or under way. */
  readonly queued: number
  /** Accepted by the worker, or handed to the browser as the page was left. */
  readonly sent: number
  /** Given up: too many waiting, too large, or refused. */
  readonly dropped: number
}

/** Nothing of it throws or rejects, and all of it does nothing before `init`. */
export interface Beacon {
  /** Starts the beacon; a second call changes options. */
  init(options?: BeaconOptions): void
  track(name: string, fields?: Fields): void
  /** Resolves to the prediction, else to the fallback: always, and in time. */
  predict<Fallback = undefined>(fields?: Fields, options?: PredictOptions<Fallback>): Promise<Prediction | Fallback>
  /** Sends what waits; resolves when it is sent, or when it cannot be now. */
  flush(): Promise<void>
  counts(): Counts
}
