/** One question to the server, with a deadline: every way it can end is an answer. */

export type Answer<T> =
  | { readonly kind: 'told'; readonly value: T }
  /** The token is missing, wrong, or no longer valid. */
  | { readonly kind: 'refused' }
  /** This deployment has no such thing. */
  | { readonly kind: 'absent' }
  /** `afterMilliseconds`: how long the server wants to be left alone, 0 where it does not say. */
  | { readonly kind: 'failed'; readonly message: string; readonly afterMilliseconds: number }

const DEADLINE_MILLISECONDS = 8_000

const failed = (message: string, afterMilliseconds = 0): Answer<never> => ({
  kind: 'failed',
  message,
  afterMilliseconds,
})

const retryAfter = (headers: Headers): number => {
  const seconds = Number(headers.get('retry-after') ?? 0)
  return seconds > 0 ? seconds * 1_000 : 0
}

/** Asks for `path`, with `token` where there is one. Aborted by `signal`, it has failed. */
export const ask = async <T>(path: string, token: string | null, signal: AbortSignal): Promise<Answer<T>> => {
  try {
    const response = await fetch(path, {
      headers: { accept: 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MILLISECONDS)]),
    })
    if (response.status === 401) return { kind: 'refused' }
    if (response.status === 404) return { kind: 'absent' }
    if (!response.ok) return failed(`the server answers ${response.status}`, retryAfter(response.headers))
    return { kind: 'told', value: (await response.json()) as T }
  } catch (error) {
    return failed(
      error instanceof DOMException && error.name === 'TimeoutError' ? 'it takes too long' : 'it cannot be reached',
    )
  }
}
