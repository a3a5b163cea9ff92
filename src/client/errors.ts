/** How a call can fail: refused by the worker, with its reason; answered by something else; or not answered. */
import type { FailureCode } from '../core/failure.ts'
import type { ItemError, Problem, RejectedEvent } from '../protocol/problem.ts'

/** A code of the closed list; a newer worker may have others. Errors under /v2 have none. */
export type ProblemCode = FailureCode | (string & {}) | null

/** Every error that a call throws, unless its own signal ended it. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
}

/** The worker refused, or failed, and says why. */
export class ProblemError extends ClientError {
  override readonly name = 'ProblemError'
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  /** The events that it speaks of. */
  readonly errors: readonly (ItemError | RejectedEvent)[]
  /** For the log of the worker. */
  readonly requestId: string | null
  /** After which asking again may help; null where the worker does not say. */
  readonly retryAfterSeconds: number | null

  constructor(
    response: Response,
    { code, detail, errors }: Pick<Problem, 'detail'> & Partial<Omit<Problem, 'code'>> & { readonly code: ProblemCode },
  ) {
    super(code === null ? detail : `${detail} (${code})`)
    this.status = response.status
    this.code = code
    this.detail = detail
    this.errors = errors ?? []
    this.requestId = response.headers.get('x-request-id')
    this.retryAfterSeconds = retryAfterOf(response)
  }
}

/** Something answered that is no worker of ours, or none of this version. */
export class UnexpectedAnswerError extends ClientError {
  override readonly name = 'UnexpectedAnswerError'
  readonly status: number
  readonly retryAfterSeconds: number | null

  constructor(message: string, response: Response) {
    super(message)
    this.status = response.status
    this.retryAfterSeconds = retryAfterOf(response)
  }
}

/** No answer, or not the whole of it, before the deadline. */
export class NoAnswerError extends ClientError {
  override readonly name = 'NoAnswerError'
  /** Whether it was the deadline; else the connection. */
  readonly isLate: boolean

  constructor(message: string, isLate: boolean, cause: unknown) {
    super(message, { cause })
    this.isLate = isLate
  }
}

const retryAfterOf = ({ headers }: Response): number | null => {
  const text = headers.get('retry-after')
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}
