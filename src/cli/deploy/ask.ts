/** One request to a worker, with a deadline; it never rejects. */

export interface Asked {
  /** `null`: no answer. */
  readonly status: number | null
  readonly headers: Headers
  readonly text: string
  /** As the client saw it, until the last byte. */
  readonly milliseconds: number
  /** Why there was no answer. */
  readonly reason: string | null
}

export const ASK_MILLISECONDS = 10_000

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

export const ask = async (
  url: URL,
  init: RequestInit = {},
  deadlineMilliseconds = ASK_MILLISECONDS,
): Promise<Asked> => {
  const start = performance.now()
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMilliseconds) })
    const text = await response.text()
    const { status, headers } = response
    return { status, headers, text, milliseconds: performance.now() - start, reason: null }
  } catch (error) {
    const milliseconds = performance.now() - start
    return { status: null, headers: new Headers(), text: '', milliseconds, reason: reasonOf(error) }
  }
}

/** The JSON of an answer; `undefined` where it is none. */
export const jsonOf = (asked: Asked): unknown => {
  try {
    return JSON.parse(asked.text)
  } catch {
    return undefined
  }
}

/** The address of `path` below `url`, which may have a path of its own. */
export const below = (url: URL, path: string): URL => new URL(path, url.href.endsWith('/') ? url : `${url.href}/`)

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
