/** A client of a worker: typed by the declared routes, with a deadline on every call and errors that say why. */
import { ClientError, NoAnswerError, ProblemError, UnexpectedAnswerError } from './errors.ts'
import type { Answer, CallSettings, Calls, Encoded, GetRoutes, PostRoutes } from './types.ts'

export interface ClientOptions {
  /** Where the worker is: `https://nearcast.example.workers.dev`. */
  readonly url: string | URL
  /** The token of the door that is called: READ_TOKEN, WRITE_TOKEN or ADMIN_TOKEN. */
  readonly token?: string
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** Of each call, with its whole answer; 10 s when left out. */
  readonly deadlineMilliseconds?: number
}

export interface Client {
  /** Throws a ClientError. Paths are those of the OpenAPI document: `client.get('/v1/models/{model}', { path: { model } })`. */
  get<P extends keyof GetRoutes>(path: P, ...call: Calls<GetRoutes[P]>): Promise<Answer<GetRoutes[P]>>
  /** Throws a ClientError. */
  post<P extends keyof PostRoutes>(path: P, ...call: Calls<PostRoutes[P]>): Promise<Answer<PostRoutes[P]>>
}

const DEADLINE_MILLISECONDS = 10_000

/** Any call, once its types have been checked. */
interface AnyCall extends CallSettings {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly contentType?: string
}

const isEncoded = (body: unknown): body is Encoded =>
  typeof body === 'string' ||
  body instanceof Uint8Array ||
  body instanceof Blob ||
  body instanceof FormData ||
  body instanceof ReadableStream

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

const targetOf = (base: URL, path: string, { path: parameters = {}, query = {} }: AnyCall): URL => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  const target = new URL(filled.slice(1), base.href.endsWith('/') ? base : `${base.href}/`)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value))
  return target
}

const requestOf = (
  method: 'get' | 'post',
  target: URL,
  call: AnyCall,
  token: string | null,
  signal: AbortSignal,
): Request => {
  const { body, contentType } = call
  const headers = new Headers(call.headers)
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  const init = { method: method.toUpperCase(), headers, signal }
  if (body === undefined) return new Request(target, init)
  if (contentType !== undefined) headers.set('content-type', contentType)
  if (!isEncoded(body)) {
    headers.set('content-type', 'application/json')
    return new Request(target, { ...init, body: JSON.stringify(body) })
  }
  // A stream is sent while the answer may already come; fetch wants to be told so.
  const duplex = body instanceof ReadableStream ? { duplex: 'half' as const } : {}
  return new Request(target, { ...init, body, ...duplex })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** What an answer that is none of success says. */
const errorOf = (response: Response, target: URL, json: unknown): ClientError => {
  if (isObject(json)) {
    const { code, detail, error, errors } = json
    if (typeof code === 'string' && typeof detail === 'string')
      return new ProblemError(response, { code, detail, ...(Array.isArray(errors) && { errors }) })
    if (typeof error === 'string') return new ProblemError(response, { code: null, detail: error })
  }
  return new UnexpectedAnswerError(`${target.href} answered ${response.status}`, response)
}

const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')

const readJson = async (response: Response, target: URL): Promise<unknown> => {
  const text = await response.text()
  try {
    return JSON.parse(text) as unknown
  } catch {
    const message = `${target.href} answered ${response.status} with what is no JSON: ${text.slice(0, 80)}`
    throw new UnexpectedAnswerError(message, response)
  }
}

const readAnswer = async (response: Response, target: URL): Promise<unknown> => {
  if (!response.ok) {
    const json = await readJson(response, target)
    // 503 is also how a server, or a model, says that it is not ready.
    if (response.status === 503 && isObject(json) && 'ready' in json) return json
    throw errorOf(response, target, json)
  }
  const type = response.headers.get('content-type') ?? ''
  if (isJson(response)) return readJson(response, target)
  if (/^text\//i.test(type)) return response.text()
  if (/^application\/gzip\b/i.test(type) && response.body !== null) return response.body
  return readJson(response, target)
}

export const createClient = (options: ClientOptions): Client => {
  const base = new URL(options.url)
  const send = options.fetch ?? ((request: Request) => fetch(request))

  const call = async (method: 'get' | 'post', path: string, given: AnyCall = {}): Promise<unknown> => {
    const { deadlineMilliseconds = options.deadlineMilliseconds ?? DEADLINE_MILLISECONDS } = given
    const token = given.token === undefined ? (options.token ?? null) : given.token
    const deadline = AbortSignal.timeout(deadlineMilliseconds)
    const signal = given.signal === undefined ? deadline : AbortSignal.any([deadline, given.signal])
    const target = targetOf(base, path, given)
    try {
      return await readAnswer(await send(requestOf(method, target, given, token, signal)), target)
    } catch (error) {
      if (error instanceof ClientError || given.signal?.aborted === true) throw error
      const reason = deadline.aborted ? `no answer within ${deadlineMilliseconds} ms` : reasonOf(error)
      throw new NoAnswerError(`${base.origin} cannot be reached: ${reason}`, deadline.aborted, error)
    }
  }
  return {
    get: (path, ...[given]) => call('get', path, given as AnyCall | undefined) as never,
    post: (path, ...[given]) => call('post', path, given as AnyCall | undefined) as never,
  }
}
