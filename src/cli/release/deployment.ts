/** Which deployment is meant, and the token that opens its /admin. */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { UsageError } from '../command.ts'
import type { Deployment } from './admin-client.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8787'

/** For `parseArgs`. */
export const DEPLOYMENT_FLAGS = {
  url: { type: 'string', default: DEFAULT_URL },
  token: { type: 'string' },
  by: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const DEPLOYMENT_HELP = `  --url URL                 the deployment (default: ${DEFAULT_URL})
  --token TOKEN             its ADMIN_TOKEN (default: the variable of that name; for a deployment on this
                            machine also what .dev.vars says)
  --by NAME                 who does this, for the history (default: your login name)
  --json                    print the answer as JSON
`

const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]']

/** The value of `name` in `text`, in dotenv form. */
const valueIn = (text: string, name: string): string | undefined => {
  const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(.*?)[ \\t\\r]*$`, 'm').exec(text)?.[1]
  return line === undefined ? undefined : line.replace(/^(["'])(.*)\1$/, '$2') || undefined
}

const fromDevVars = (url: URL, file: string, name: string): string | undefined => {
  if (!LOCAL_HOSTS.includes(url.hostname)) return undefined
  try {
    return valueIn(readFileSync(file, 'utf8'), name)
  } catch {
    return undefined
  }
}

/** Throws a UsageError for an address that is none. */
export const readUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError(`--url ${text}: expected an address such as ${DEFAULT_URL}`)
}

/** The token of that name: of the environment, or, for a deployment on this machine, of .dev.vars. Throws a UsageError where there is none. */
export const findToken = (
  url: URL,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  devVars = '.dev.vars',
): string => {
  const token = environment[name] || fromDevVars(url, devVars, name)
  if (token !== undefined) return token
  throw new UsageError(`no token for ${url.origin}: set ${name}`)
}

/** Throws a UsageError for an address that is none, and where no token is found. */
export const readDeployment = (
  flags: { readonly url: string; readonly token?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
  devVars = '.dev.vars',
): Deployment => {
  const url = readUrl(flags.url)
  const token = flags.token ?? (environment.ADMIN_TOKEN || fromDevVars(url, devVars, 'ADMIN_TOKEN'))
  if (token !== undefined) return { url, token }
  throw new UsageError(`no token for ${url.origin}: give --token TOKEN, or set ADMIN_TOKEN`)
}

/** The login name; containers may have users without one. */
export const loginName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'operator'
  }
}
