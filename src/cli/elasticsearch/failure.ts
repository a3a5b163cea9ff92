/** Why a server did not answer as it should, and whether another try may help. */

export class ServerFailure extends Error {
  override readonly name = 'ServerFailure'
  /** The same request may go through later. */
  readonly isPassing: boolean
  /** Where the server answered. */
  readonly status: number | undefined
  /** The answer's body, for those who look for one error in it. */
  readonly body: string
  /** What `Retry-After` said. */
  readonly retryAfterMilliseconds: number | undefined

  constructor(
    message: string,
    facts: {
      isPassing: boolean
      status?: number | undefined
      body?: string
      retryAfterMilliseconds?: number | undefined
    },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.isPassing = facts.isPassing
    this.status = facts.status
    this.body = facts.body ?? ''
    this.retryAfterMilliseconds = facts.retryAfterMilliseconds
  }
}

/** Too many requests, and a server or proxy that is busy, starting or gone for the moment. */
const PASSING_STATUSES = [408, 425, 429, 500, 502, 503, 504]

/** So much of an answer that is no JSON stands in a message. */
const SHOWN_CHARACTERS = 200

/** Milliseconds until when `Retry-After` says: seconds, or a date of HTTP. */
export const retryAfter = (value: string | undefined, nowMilliseconds: number): number | undefined => {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  const until = Date.parse(value)
  return Number.isNaN(until) ? undefined : Math.max(0, until - nowMilliseconds)
}

interface ErrorBody {
  /** `application/problem+json`. */
  readonly detail?: string
  readonly title?: string
  readonly error?: string | { readonly reason?: string; readonly root_cause?: readonly { readonly reason?: string }[] }
}

/** What an error body of a search server or a problem document says, in one sentence; else its beginning. */
export const reasonOf = (body: string): string => {
  try {
    const { error, detail, title } = JSON.parse(body) as ErrorBody
    const reason =
      typeof error === 'string' ? error : (error?.root_cause?.[0]?.reason ?? error?.reason ?? detail ?? title)
    if (reason !== undefined) return reason
  } catch {
    // A proxy's page, or nothing: shown as it is.
  }
  const text = body.replaceAll(/\s+/g, ' ').trim()
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}

/** An answer of 300 and above. */
export const statusFailure = (status: number, body: string, retryAfterHeader: string | undefined): ServerFailure => {
  const reason = reasonOf(body)
  return new ServerFailure(`answered ${status}${reason === '' ? '' : `: ${reason}`}`, {
    isPassing: PASSING_STATUSES.includes(status),
    status,
    body,
    retryAfterMilliseconds: retryAfter(retryAfterHeader, Date.now()),
  })
}

/** No answer, or half of one. A certificate that is not trusted will not be so in a second. */
export const connectionFailure = (error: unknown): ServerFailure => {
  const { message, code } = error as { message?: string; code?: string }
  // What Node.js and undici say of an answer that ends too soon.
  const isCut = message === 'aborted' || message === 'terminated'
  const said = isCut ? 'it was cut before the answer was whole' : message || code || String(error)
  const isPinned = /fingerprint/i.test(said)
  const isCertificate = isPinned || /certificate|altname/i.test(said)
  const remedy = isCertificate && !isPinned ? '; --ca FILE names the certificate to trust' : ''
  return new ServerFailure(`the connection failed: ${said}${remedy}`, { isPassing: !isCertificate }, { cause: error })
}
