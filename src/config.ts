/** The environment, checked once: every variable with its unit, its default and its bounds in one table. */
import { offsetSeconds } from './core/time/zones.ts'

/** Thrown at the first request when a variable cannot be used; names every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

interface Variable<T> {
  readonly fallback: T
  /** What it means, with its unit. */
  readonly about: string
  /** The value, or a sentence that says what it must be. */
  readonly read: (text: string) => { value: T } | { must: string }
}

const integer = (fallback: number, least: number, greatest: number, about: string): Variable<number> => ({
  fallback,
  about,
  read: (text) => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= least && value <= greatest
      ? { value }
      : { must: `be a whole number from ${least} to ${greatest}` }
  },
})

const number = (fallback: number, least: number, greatest: number, about: string): Variable<number> => ({
  fallback,
  about,
  read: (text) => {
    const value = Number(text)
    return text.trim() !== '' && value >= least && value <= greatest
      ? { value }
      : { must: `be a number from ${least} to ${greatest}` }
  },
})

const toggle = (fallback: boolean, about: string): Variable<boolean> => ({
  fallback,
  about,
  read: (text) => (text === 'true' || text === 'false' ? { value: text === 'true' } : { must: 'be true or false' }),
})

const text = (about: string): Variable<string | undefined> => ({
  fallback: undefined,
  about,
  read: (value) => ({ value: value === '' ? undefined : value }),
})

const oneOf = <T extends string>(choices: readonly T[], about: string): Variable<T | undefined> => ({
  fallback: undefined,
  about,
  read: (value) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice !== undefined) return { value: choice }
    return value === '' ? { value: undefined } : { must: `be one of ${choices.join(', ')}` }
  },
})

const zone = (about: string): Variable<string | undefined> => ({
  fallback: undefined,
  about,
  read: (value) => {
    if (value === '') return { value: undefined }
    // The table that events are read with, not Intl, which also takes other spellings.
    return offsetSeconds(value, 0) === undefined ? { must: 'be an IANA time zone such as America/New_York' } : { value }
  },
})

/** Origins, comma-separated; `*` is every origin. */
const origins = (about: string): Variable<readonly string[]> => ({
  fallback: [],
  about,
  read: (text) => {
    const value = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
    const isOrigin = (one: string): boolean => one === '*' || (URL.canParse(one) && new URL(one).origin === one)
    return value.every(isOrigin)
      ? { value }
      : { must: 'be origins such as https://shop.example, separated by commas, or *' }
  },
})

/** Where a script may be served: nowhere a route of the API stands, or could. */
const scriptPath = (fallback: string, about: string): Variable<string> => ({
  fallback,
  about,
  read: (value) =>
    /^(?:\/[\w-]+)+\.js$/.test(value) && !/^\/(?:v\d+|admin)\//.test(value)
      ? { value }
      : { must: 'be a path such as /assets/shop.js, not under /v1, /v2 or /admin' },
})

/** An address that may be a secret: never printed. Plain HTTP only to this very machine. */
const webhook = (about: string): Variable<string | undefined> => ({
  fallback: undefined,
  about,
  read: (value) => {
    if (value === '') return { value: undefined }
    const url = URL.canParse(value) ? new URL(value) : null
    const isLocal = url !== null && ['localhost', '127.0.0.1'].includes(url.hostname)
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)
    // fetch refuses an address that holds a user.
    return isSafe && url.username === '' && url.password === ''
      ? { value }
      : { must: 'be an https address without a user, or an http one of localhost' }
  },
})

/** A token is refused when it is too short to resist guessing. */
const secret = (about: string): Variable<string | undefined> => ({
  fallback: undefined,
  about,
  read: (value) =>
    value === '' || value.length >= 16
      ? { value: value === '' ? undefined : value }
      : { must: 'have at least 16 characters' },
})

export const VARIABLES = {
  TIME_PATH: text('Dotted path of the event time, instead of createdDateTime, @timestamp, timestamp'),
  TIME_UNIT: oneOf(
    ['ms', 's', 'us', 'ns'],
    'Unit of numeric event times; when unset milliseconds are wanted and anything else is refused',
  ),
  CLOCK_OFFSET_SECONDS: integer(
    300,
    1,
    86_400,
    "Difference of an event's sent_at from its receipt, seconds: up to it transit, beyond it the sender's clock is corrected",
  ),
  FAR_PAST_SECONDS: integer(315_360_000, 1, 10_000_000_000, 'Age from which an event is far in the past, seconds'),
  FAR_FUTURE_SECONDS: integer(86_400, 1, 10_000_000_000, 'Lead from which an event is far in the future, seconds'),
  FAR_TIME: oneOf(
    ['flag', 'refuse', 'received'],
    'What becomes of far events: flagged (when unset), refused, or taken to happen when they are received',
  ),
  TIME_ZONE: zone('IANA zone of event times that name none; when unset they are refused'),
  ZIP_PATH: text('Dotted path of the zip code, instead of zipCode, zip, postalCode'),
  UNIT_PATH: text('Dotted path of what sticks to a version, instead of session_id, sessionId, visitor_id'),
  ZIP_FROM_EDGE: toggle(false, "Use the edge's own postal code (US) for events that name no zip"),
  MAX_BODY_BYTES: integer(4 * 1024 * 1024, 1, 64 * 1024 * 1024, 'Largest body, bytes'),
  MAX_EVENTS: integer(1_000, 1, 10_000, 'Most events in one request'),
  MAX_KEYS: integer(250_000, 1, 10_000_000, 'Most keys in one body, and most objects and arrays'),
  PREDICT_DEADLINE_MILLISECONDS: integer(100, 1, 30_000, 'Time for a whole prediction, milliseconds'),
  ZIP_DEADLINE_MILLISECONDS: integer(25, 1, 30_000, 'Time for a read of the zip store, milliseconds'),
  ZIP_CACHE_PACKS: integer(1_000, 1, 2_000, 'Zip packs kept in memory, of about 50 zips each; all 930 take 9 MB'),
  ZIP_REFRESH_SECONDS: integer(3_600, 1, 604_800, 'Age from which a zip pack is read again, seconds'),
  CIRCUIT_FAILURES: integer(5, 1, 1_000, 'Failures in a row after which a store is left alone for CIRCUIT_SECONDS'),
  CIRCUIT_SECONDS: integer(
    5,
    1,
    3_600,
    'Time a store that failed is left alone before one read tries it again, seconds',
  ),
  MODE: oneOf(['normal', 'fallback'], 'fallback: no model runs, MODEL_FALLBACK answers'),
  MODEL_FALLBACK: oneOf(
    ['mean', 'version', 'refuse'],
    'What answers while a version cannot run: an earlier version of the release, else (mean, when unset) the flagged mean ' +
      'of its reference profile or (version) 503; refuse: always 503',
  ),
  INGEST_DEADLINE_MILLISECONDS: integer(5_000, 1, 30_000, 'Time for storing the events of one request, milliseconds'),
  INGEST_ATTEMPTS: integer(10, 1, 20, 'Deliveries after which an event is given up and becomes a dead letter'),
  DEDUP_WINDOW_SECONDS: integer(86_400, 60, 1_209_600, 'How long an event id is remembered, seconds'),
  DEDUP_SHARDS: integer(4, 1, 256, 'EventOwners objects the event ids are spread over'),
  ARCHIVE_PREDICT_SHARE: number(0, 0, 1, 'Share of the predictions of /v1/predict that are archived'),
  ARCHIVE_RETENTION_DAYS: integer(90, 0, 36_500, 'How long archived events are kept, days; 0 for ever'),
  COMPACT_AFTER_SECONDS: integer(
    7_200,
    60,
    2_592_000,
    'Age from which the small objects of an hour are joined, seconds',
  ),
  DEAD_LETTER_HOURLY: integer(
    1_000,
    0,
    1_000_000,
    'Dead letters an hour that the public may cause; beyond it they are counted',
  ),
  DEAD_LETTER_BYTES: integer(65_536, 64, 1_048_576, 'Payload of a dead letter of the public that is kept, bytes'),
  DEAD_LETTER_TOTAL_BYTES: integer(1_073_741_824, 1_024, 8_000_000_000, 'Payloads of dead letters in all, bytes'),
  DEAD_LETTER_RETENTION_DAYS: integer(30, 1, 3_650, 'How long dead letters are kept, days'),
  STATS_SHARDS: integer(4, 1, 256, 'StatsAggregator objects the isolates are spread over'),
  STATS_DEADLINE_MILLISECONDS: integer(2_000, 1, 30_000, 'Time for a call of a statistics object, milliseconds'),
  OBSERVE: oneOf(
    ['on', 'off'],
    'off: nothing is counted or sent to the statistics objects, and no canary gets traffic',
  ),
  LATENCY_SAMPLE: integer(16, 1, 1_000_000, 'One request in this many has its wall time measured, after the answer'),
  LOG_SAMPLE: integer(1_000, 0, 1_000_000_000, 'One prediction in this many has a line in the log; 0: none has'),
  ALERT_WEBHOOK_URL: webhook('Where alerts are sent; when unset they are only listed'),
  ALERT_WEBHOOK_FORMAT: oneOf(['json', 'slack'], 'How alerts are sent: plain JSON (when unset), or as Slack reads it'),
  ALERT_REPEAT_SECONDS: integer(
    14_400,
    0,
    604_800,
    'After how long a page that still fires is sent again, seconds; 0: never',
  ),
  ZIP_STALE_MONTHS: integer(18, 1, 1_200, 'Age from which an alert says that the zip data is stale, months'),
  CANARY_MINIMUM_UNITS: integer(
    500,
    1,
    1_000_000,
    'Visitors that must have been compared before a canary is ready to promote',
  ),
  CANARY_BAKE_SECONDS: integer(
    3_600,
    1,
    2_592_000,
    'Time from the start of a canary to the earliest moment it is ready to promote, seconds',
  ),
  CANARY_ALPHA: number(
    0.01,
    0.000001,
    0.5,
    'Greatest probability that a canary no worse than the tolerances is ever rolled back',
  ),
  CANARY_FAILURE_EXCESS: number(0.001, 0, 0.9, 'Share of visitors a canary may fail where stable does not'),
  CANARY_MEAN_SHIFT: number(
    0.1,
    0,
    0.9,
    "Mean of canary minus stable that is tolerated, as a share of the output's range",
  ),
  CANARY_DECISION_SHARE: number(0.25, 0.001, 0.99, 'Share of visitors whose decision a canary may change'),
  CANARY_DRIFT_GUARD: oneOf(
    ['rollback'],
    'rollback: a canary whose outputs drift while those of stable do not is rolled back; when unset drift only alerts',
  ),
  CANARY_PROMOTES: toggle(false, 'Promote a canary that baked clean, instead of only reporting it'),
  ALLOWED_ORIGINS: origins('Origins whose pages may call the public routes, separated by commas; * for all'),
  BEACON_PATH: scriptPath(
    '/beacon.js',
    'Where the beacon is served too, since content blockers know its own name; with it …-auto.js',
  ),
  HONOR_OPT_OUT: toggle(true, 'Sec-GPC and DNT: the event is not archived and sticks to no visitor'),
  PUBLIC_STATS: toggle(false, 'Let anyone read the statistics (local development only)'),
  ADMIN_TOKEN: secret('Opens /admin'),
  READ_TOKEN: secret('Opens the statistics'),
  WRITE_TOKEN: secret('Opens outcomes and unreleased versions'),
  ADMIN_TOKEN_NEXT: secret('Opens /admin too: for changing the token'),
  READ_TOKEN_NEXT: secret('Opens the statistics too: for changing the token'),
  WRITE_TOKEN_NEXT: secret('Opens what WRITE_TOKEN opens: for changing the token'),
  SIGNING_KEY: secret('Signs receipts'),
  SIGNING_KEY_PREVIOUS: secret('Checks receipts too: the one before, while its receipts are taken'),
  RECEIPT_DAYS: integer(30, 1, 730, 'How long a receipt is taken, days'),
} as const

type Values = { [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never }

export type Config = Readonly<Values>

/** Reads every variable from `env`. Throws a `ConfigError` that names each one that cannot be used; secret values are not printed. */
export const parseConfig = (env: object): Config => {
  const complaints: string[] = []
  const entries = Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => {
    const given: unknown = Reflect.get(env, name)
    if (given === undefined) return [name, variable.fallback]
    const result = variable.read(String(given))
    if ('value' in result) return [name, result.value]
    const shown = /TOKEN|KEY|URL/.test(name) ? '' : ` (it is ${JSON.stringify(given)})`
    complaints.push(`${name} must ${result.must}${shown}`)
    return [name, variable.fallback]
  })
  if (complaints.length > 0) throw new ConfigError(complaints.join('; '))
  return Object.fromEntries(entries) as Config
}
