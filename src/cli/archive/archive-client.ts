/** Lists and fetches objects of a deployment's archive; what may pass is tried again. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { z } from 'zod'
import { readArchiveKey } from '../../protocol/archive-keys.ts'
import { archivePageSchema } from '../../protocol/archive-routes.ts'
import { type Deployment, RefusedError } from '../release/admin-client.ts'

export interface RemoteObject {
  readonly key: string
  readonly bytes: number
  /** Epoch milliseconds. */
  readonly writtenAt: number
}

export interface Listing {
  /** In order of their keys. */
  readonly objects: readonly RemoteObject[]
  /** Some events may be in none of them for a moment. */
  readonly isJoining: boolean
}

export interface ArchiveClient {
  list(day: string, hour: string | null): Promise<Listing>
  /** Writes the object to `file`. False: it is not there any more. */
  fetch(key: string, file: string): Promise<boolean>
}

/** For a whole object, which has some megabytes. */
const ANSWER_MILLISECONDS = 300_000
const ATTEMPTS = 8
const FIRST_WAIT_MILLISECONDS = 500
const LONGEST_WAIT_MILLISECONDS = 60_000

const problemSchema = z.object({ code: z.string(), detail: z.string() })

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

const isPassing = (status: number): boolean => status === 429 || status === 503 || status === 502 || status === 504

const refusal = async (response: Response): Promise<RefusedError> => {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
  const { origin, pathname } = new URL(response.url)
  return new RefusedError(
    problem.success
      ? `${problem.data.detail} (${problem.data.code})`
      : `${origin}${pathname} answered ${response.status}`,
  )
}

/** The wait that the answer asks for, else one that doubles, milliseconds. */
const waitOf = (response: Response | undefined, attempt: number): number => {
  const asked = Number(response?.headers.get('retry-after') ?? Number.NaN) * 1_000
  const wait = Number.isFinite(asked) ? asked : FIRST_WAIT_MILLISECONDS * 2 ** attempt
  return Math.min(LONGEST_WAIT_MILLISECONDS, Math.max(0, wait))
}

const sleepFor = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

export const archiveClient = ({ url, token }: Deployment, sleep = sleepFor): ArchiveClient => {
  /** What `take` makes of an answer that is good or 404. Throws a RefusedError for another, and when trying again does not help. */
  const ask = async <T>(path: string, take: (response: Response) => Promise<T>): Promise<T> => {
    const target = new URL(`admin/${path}`, url.href.endsWith('/') ? url : `${url.href}/`)
    let last = new RefusedError(`${url.origin} was not asked`)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let response: Response | undefined
      try {
        const signal = AbortSignal.timeout(ANSWER_MILLISECONDS)
        response = await fetch(target, { headers: { authorization: `Bearer ${token}` }, signal })
        if (response.ok || response.status === 404) return await take(response)
        last = await refusal(response)
      } catch (error) {
        if (error instanceof RefusedError || (error instanceof Error && 'syscall' in error)) throw error
        last = new RefusedError(`${url.origin} cannot be reached: ${reasonOf(error)}`)
      }
      if (response !== undefined && !response.ok && !isPassing(response.status)) throw last
      if (attempt < ATTEMPTS - 1) await sleep(waitOf(response, attempt))
    }
    throw last
  }

  return {
    async list(day, hour) {
      const objects: RemoteObject[] = []
      let isJoining = false
      let cursor: string | null = null
      do {
        const query = new URLSearchParams({ day })
        if (hour !== null) query.set('hour', hour)
        if (cursor !== null) query.set('cursor', cursor)
        const page = await ask(`archive?${query}`, async (response) => {
          if (!response.ok) throw await refusal(response)
          const parsed = archivePageSchema.safeParse(await response.json())
          if (parsed.success) return parsed.data
          throw new RefusedError(`${url.origin} answered with what is no list of the archive`)
        })
        for (const { key, bytes, written_at } of page.objects) {
          // Keys become names of files.
          if (readArchiveKey(key)?.day !== day) throw new RefusedError(`${url.origin} lists ${key} under ${day}`)
          objects.push({ key, bytes, writtenAt: Date.parse(written_at) })
        }
        isJoining ||= page.is_joining
        cursor = page.cursor
      } while (cursor !== null)
      return { objects, isJoining }
    },

    fetch: (key, file) =>
      ask(`archive/object?${new URLSearchParams({ key })}`, async (response) => {
        if (response.status === 404) {
          await response.body?.cancel()
          return false
        }
        if (response.body === null) throw new RefusedError(`${url.origin} answered ${key} with nothing`)
        await pipeline(Readable.fromWeb(response.body as NodeStream<Uint8Array>), createWriteStream(file))
        return true
      }),
  }
}
