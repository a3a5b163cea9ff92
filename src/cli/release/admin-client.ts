/** Calls /admin of a deployment. */
import { z } from 'zod'

/** The deployment refused, or did not answer: told without a stack, exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

export interface Deployment {
  readonly url: URL
  readonly token: string
}

/** The exit code of `work`, 1 where it was refused: `command` says why. */
export const unlessRefused = async (command: string, work: () => Promise<void>): Promise<number> => {
  try {
    await work()
    return 0
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    process.stderr.write(`nearcast ${command}: ${error.message}\n`)
    return 1
  }
}

/** Publishing takes the longest: 25 MiB, and their check. */
const ANSWER_MILLISECONDS = 120_000

const problemSchema = z.object({ code: z.string(), detail: z.string() })

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** The JSON of the answer. Throws a RefusedError with the reason the deployment gives. */
export const callAdmin = async (
  { url, token }: Deployment,
  path: string,
  init: RequestInit & { readonly duplex?: 'half' } = {},
): Promise<unknown> => {
  const target = new URL(`admin/${path}`, url.href.endsWith('/') ? url : `${url.href}/`)
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  const signal = AbortSignal.timeout(ANSWER_MILLISECONDS)
  const response = await fetch(target, { ...init, headers, signal }).catch((error: unknown) => {
    throw new RefusedError(`${url.origin} cannot be reached: ${reasonOf(error)}`)
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new RefusedError(`${target.href} answered ${response.status} with what is no JSON: ${text.slice(0, 80)}`)
  }
  if (response.ok) return json
  const problem = problemSchema.safeParse(json)
  throw new RefusedError(
    problem.success ? `${problem.data.detail} (${problem.data.code})` : `${target.href} answered ${response.status}`,
  )
}
