/** The flags of `nearcast featurize` that read from a server, and what they mean. */
import { readFileSync } from 'node:fs'
import type { ParseArgsConfig } from 'node:util'
import type { TimeUnit } from '../../core/event/epoch-number.ts'
import { UsageError } from '../command.ts'
import { type Environment, readAddress, readTls } from './credentials.ts'
import { parseDuration } from './duration.ts'
import { MAX_PAGE_HITS } from './page-size.ts'
import type { SliceLength } from './plan-reading.ts'
import { ENGINES, type Engine } from './server-options.ts'
import type { SearchOptions } from './sources.ts'

/** For `parseArgs`. */
export const SEARCH_FLAGS = {
  elasticsearch: { type: 'string' },
  index: { type: 'string' },
  query: { type: 'string' },
  'time-field': { type: 'string' },
  slice: { type: 'string' },
  parallel: { type: 'string' },
  'page-size': { type: 'string' },
  engine: { type: 'string' },
  'api-key': { type: 'string' },
  'api-key-file': { type: 'string' },
  username: { type: 'string' },
  password: { type: 'string' },
  ca: { type: 'string' },
  'ca-fingerprint': { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  insecure: { type: 'boolean' },
  'request-timeout': { type: 'string' },
  attempts: { type: 'string' },
  gzip: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options']

export type SearchFlagValues = {
  readonly [Name in keyof typeof SEARCH_FLAGS]?:
    | ((typeof SEARCH_FLAGS)[Name]['type'] extends 'boolean' ? boolean : string)
    | undefined
}

export const SEARCH_HELP = `From a server (Elasticsearch 7.14 or newer, OpenSearch 2.4 or newer):
  --elasticsearch URL     of the server; reads an index instead of files
  --index NAME            name, alias, data stream or pattern
  --query QUERY           only what matches: JSON of the query DSL, @FILE with such JSON, or words as a search bar takes them
  --time-field FIELD      by which slices of time are cut (default: the first of createdDateTime, @timestamp and timestamp
                          that is mapped as a date or a number; --time-unit is the unit of numbers)
  --slice LENGTH          1h, 1d …: one part of --output DIR/ for each slice of this length that has documents
                          (default: auto, at most 200,000 documents a slice)
  --parallel N            searches at a time (default: 4)
  --page-size N           documents in an answer at most (default: 10000; answers aim at 4 MiB)
  --engine NAME           elasticsearch or opensearch, where the server does not say
  --api-key KEY           as the server gave it, or ID:KEY; better in a file (--api-key-file FILE) or in ELASTICSEARCH_API_KEY
  --username, --password  or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD
  --ca FILE               the certificate to trust (PEM); for Elasticsearch also --ca-fingerprint HEX with --insecure
  --cert FILE --key FILE  the client's own certificate
  --insecure              takes any certificate
  --request-timeout TIME  for one answer (default: 60s)
  --attempts N            for a request that may go through later (default: 6)
  --gzip                  has answers compressed, for slow networks
`

const KEEP_ALIVE = '5m'

/** Throws a UsageError that names `flag`. */
const parseCount = (text: string | undefined, flag: string, otherwise: number, most: number): number => {
  if (text === undefined) return otherwise
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count
  throw new UsageError(`${flag} ${text}: expected a whole number from 1 to ${most}`)
}

const parseEngine = (text: string | undefined): Engine | undefined => {
  if (text === undefined) return undefined
  const engine = ENGINES.find((name) => name === text)
  if (engine === undefined) throw new UsageError(`--engine ${text}: expected ${ENGINES.join(' or ')}`)
  return engine
}

const parseSlice = (text = 'auto'): SliceLength => (text === 'auto' ? text : parseDuration(text, '--slice'))

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Words become a `query_string`; a whole search body gives its `query`. */
const parseQuery = (text: string | undefined): object | undefined => {
  if (text === undefined) return undefined
  try {
    const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text
    if (text.trim() === '') throw new Error('expected JSON of the query DSL, @FILE, or words')
    if (!text.startsWith('@') && !json.trimStart().startsWith('{')) return { query_string: { query: text } }
    const body = JSON.parse(json) as unknown
    const query = isObject(body) && 'query' in body ? body.query : body
    if (isObject(query)) return query
    throw new Error('expected an object of the query DSL, or a search body with its query')
  } catch (error) {
    throw new UsageError(`--query ${text.slice(0, 80)}: ${(error as Error).message}`)
  }
}

/** Throws a UsageError where the flags do not fit. `timeUnit` is that of `--time-unit`. */
export const readSearchFlags = (
  flags: SearchFlagValues,
  timeUnit: TimeUnit | undefined,
  environment: Environment,
): SearchOptions => {
  const { elasticsearch, index } = flags
  if (elasticsearch === undefined || index === undefined || index === '') {
    throw new UsageError('--elasticsearch URL and --index NAME go together')
  }
  const address = readAddress(elasticsearch, flags, environment)
  if (flags['ca-fingerprint'] !== undefined && !address.url.startsWith('https:')) {
    throw new UsageError('--ca-fingerprint wants an https URL')
  }
  return {
    server: {
      ...address,
      tls: readTls(flags),
      caFingerprint: flags['ca-fingerprint'],
      engine: parseEngine(flags.engine),
      deadlineMilliseconds: parseDuration(flags['request-timeout'] ?? '60s', '--request-timeout'),
      attempts: parseCount(flags.attempts, '--attempts', 6, 100),
      gzip: flags.gzip === true,
    },
    index,
    query: parseQuery(flags.query),
    timeField: flags['time-field'],
    timeUnit: timeUnit ?? 'ms',
    slice: parseSlice(flags.slice),
    reading: {
      parallel: parseCount(flags.parallel, '--parallel', 4, 64),
      keepAlive: KEEP_ALIVE,
      pageHits: parseCount(flags['page-size'], '--page-size', MAX_PAGE_HITS, MAX_PAGE_HITS),
    },
  }
}
