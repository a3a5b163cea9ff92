/** One line of the log: JSON in the field names of the Elastic Common Schema. */

/** What an entry may say. Names and types are those of ECS 9; `labels` are words of this project. */
export interface LogFields {
  readonly 'log.level'?: 'info' | 'warn' | 'error'
  readonly message: string
  readonly 'event.dataset'?: 'nearcast.log' | 'nearcast.prediction'
  readonly 'event.outcome'?: 'success' | 'failure'
  /** Nanoseconds; absent where it is not known. */
  readonly 'event.duration'?: number
  readonly 'error.code'?: string
  readonly 'error.message'?: string
  readonly 'trace.id'?: string
  readonly 'span.id'?: string
  readonly 'http.request.id'?: string
  readonly 'http.response.status_code'?: number
  /** Without its query. */
  readonly 'url.path'?: string
  readonly 'labels.model_name'?: string
  readonly 'labels.model_version'?: string
  /** The span that this one continues. */
  readonly 'labels.parent_span_id'?: string
}

/** A string is the message of a failure. */
export type LogEntry = string | LogFields

export interface LogContext {
  readonly epochMilliseconds: number
  /** Version of this code. */
  readonly version: string
}

export const ECS_VERSION = '9.0.0'
/** UTF-16 units of one text: nothing that a caller sends can make a line long. */
const LONGEST_TEXT = 2_000

const bounded = (text: string): string => (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`)

/** `entry` as one line of JSON, without its line feed. Fields that are `undefined` are left out; long texts are cut. */
export const logLine = (entry: LogEntry, { epochMilliseconds, version }: LogContext): string => {
  const said: LogFields = typeof entry === 'string' ? { message: entry, 'event.outcome': 'failure' } : entry
  const { 'log.level': level = 'error', message, 'event.dataset': dataset = 'nearcast.log', ...others } = said
  const line: Record<string, string | number> = {
    '@timestamp': new Date(epochMilliseconds).toISOString(),
    'log.level': level,
    message: bounded(message),
    'ecs.version': ECS_VERSION,
    'service.name': 'nearcast',
    'service.version': version,
    'event.dataset': dataset,
  }
  for (const [name, value] of Object.entries(others) as [string, string | number | undefined][]) {
    if (value !== undefined) line[name] = typeof value === 'string' ? bounded(value) : value
  }
  return JSON.stringify(line)
}
