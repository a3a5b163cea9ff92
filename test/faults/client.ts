/** One request, timed, that does not wait for ever. */

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly milliseconds: number
}

/** Longer than any deadline of the worker. */
const PATIENCE_MILLISECONDS = 10_000

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `null`: no answer within ten seconds, or the connection was lost. */
export const post = async (url: string, body: string): Promise<Answered | null> => {
  const start = performance.now()
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', body, headers, signal })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: parsed(text),
      milliseconds: performance.now() - start,
    }
  } catch {
    return null
  }
}

/** JSON that an operator reads. Throws when it is refused. */
export const getJson = async <T>(url: string, token?: string): Promise<T> => {
  const answer = await fetch(url, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}
