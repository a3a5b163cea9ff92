/** Who asks: flags, variables, or the URL itself, made one header; and what certificates are trusted. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../command.ts'
import type { TlsOptions } from './server-options.ts'

export interface CredentialFlags {
  readonly 'api-key'?: string | undefined
  readonly 'api-key-file'?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface TlsFlags {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly insecure?: boolean | undefined
}

/** Variables keep secrets out of the list of processes, where every user of the machine sees flags. */
export type Environment = Readonly<Record<string, string | undefined>>

const readFlagFile = (path: string, flag: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${(error as Error).message}`)
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Servers hand keys out as `id` and `api_key`, or both encoded as one. */
const apiKeyHeader = (key: string): string => `ApiKey ${key.includes(':') ? base64(key) : key}`

/** URL without credentials, and the ones that stood in it. */
const splitUrl = (text: string): { url: string; username: string; password: string } => {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new UsageError('--elasticsearch: expected a URL such as https://search.example:9200')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`--elasticsearch: expected http or https, got ${url.protocol}//${url.host}`)
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  return {
    url: `${url.origin}${url.pathname.replace(/\/$/, '')}`,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
}

export interface Address {
  readonly url: string
  readonly authorization: string | undefined
}

/** Flags win over the URL, and that over variables; a key wins over a name. Throws a UsageError for half of a pair. */
export const readAddress = (text: string, flags: CredentialFlags, environment: Environment): Address => {
  const inUrl = splitUrl(text)
  const { url } = inUrl
  const flaggedKey =
    flags['api-key'] ?? (flags['api-key-file'] && readFlagFile(flags['api-key-file'], '--api-key-file'))
  if (flaggedKey) return { url, authorization: apiKeyHeader(flaggedKey.trim()) }
  const username = flags.username || inUrl.username || environment.ELASTICSEARCH_USERNAME
  const password = flags.password || inUrl.password || environment.ELASTICSEARCH_PASSWORD
  const isNamed = Boolean(flags.username || inUrl.username)
  const variableKey = environment.ELASTICSEARCH_API_KEY?.trim()
  if (variableKey && !isNamed) return { url, authorization: apiKeyHeader(variableKey) }
  if (!username && !password) return { url, authorization: undefined }
  if (!username || !password) {
    throw new UsageError(
      `${username ? 'a username without a password' : 'a password without a username'}: --username and --password, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, go together`,
    )
  }
  return { url, authorization: `Basic ${base64(`${username}:${password}`)}` }
}

/** `undefined` where nothing was said. Throws a UsageError for files that cannot be read, and half of a pair. */
export const readTls = ({ ca, cert, key, insecure }: TlsFlags): TlsOptions | undefined => {
  if (ca === undefined && cert === undefined && key === undefined && insecure !== true) return undefined
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together')
  return {
    ...(ca === undefined ? {} : { ca: readFlagFile(ca, '--ca') }),
    ...(cert === undefined ? {} : { cert: readFlagFile(cert, '--cert') }),
    ...(key === undefined ? {} : { key: readFlagFile(key, '--key') }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  }
}
