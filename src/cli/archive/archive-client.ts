/** Lists and fetches objects of a deployment's archive; what may pass is tried again. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { ClientError, ProblemError, UnexpectedAnswerError } from '../../client/errors.ts'
import { readArchiveKey } from '../../protocol/archive-keys.ts'
import { archivePageSchema } from '../../protocol/archive-routes.ts'
import { clientOf, type Deployment, RefusedError } from '../release/admin-client.ts'

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

const isPassing = (status: number): boolean => status === 429 || status === 503 || status === 502 || status === 504

/** Whether trying again does not help: the deployment refuses for good, or the file here cannot be written. */
const isFinal = (error: unknown): boolean => {
  if (error instanceof ProblemError) return !isPassing(error.status)
  if (error instanceof UnexpectedAnswerError) return error.status >= 400 && !isPassing(error.status)
  return error instanceof RefusedError || (error instanceof Error && 'syscall' in error)
}

/** The wait that the answer asks for, else one that doubles, milliseconds. */
const waitOf = (error: unknown, attempt: number): number => {
  const isAnswer = error instanceof ProblemError || error instanceof UnexpectedAnswerError
  const asked = isAnswer ? error.retryAfterSeconds : null
  return Math.min(LONGEST_WAIT_MILLISECONDS, asked === null ? FIRST_WAIT_MILLISECONDS * 2 ** attempt : asked * 1_000)
}

const sleepFor = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

export const archiveClient = (deployment: Deployment, sleep = sleepFor): ArchiveClient => {
  const { origin } = deployment.url
  const client = clientOf(deployment, ANSWER_MILLISECONDS)

  /** What `call` comes to. Throws its error where trying again does not help. */
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        if (isFinal(error)) throw error
        if (attempt < ATTEMPTS - 1) await sleep(waitOf(error, attempt))
        else if (error instanceof ClientError) throw error
        // The answer broke off while it was read.
        else throw new RefusedError(`${origin} cannot be reached: ${error instanceof Error ? error.message : error}`)
      }
    }
  }

  return {
    async list(day, hour) {
      const objects: RemoteObject[] = []
      let isJoining = false
      let cursor: string | null = null
      do {
        const query = { day, ...(hour !== null && { hour }), ...(cursor !== null && { cursor }) }
        const parsed = archivePageSchema.safeParse(await ask(() => client.get('/admin/archive', { query })))
        if (!parsed.success) throw new RefusedError(`${origin} answered with what is no list of the archive`)
        const page = parsed.data
        for (const { key, bytes, written_at } of page.objects) {
          // Keys become names of files.
          if (readArchiveKey(key)?.day !== day) throw new RefusedError(`${origin} lists ${key} under ${day}`)
          objects.push({ key, bytes, writtenAt: Date.parse(written_at) })
        }
        isJoining ||= page.is_joining
        cursor = page.cursor
      } while (cursor !== null)
      return { objects, isJoining }
    },

    fetch: (key, file) =>
      ask(async () => {
        try {
          const body = await client.get('/admin/archive/object', { query: { key } })
          await pipeline(Readable.fromWeb(body as NodeStream<Uint8Array>), createWriteStream(file))
          return true
        } catch (error) {
          if (error instanceof ProblemError && error.status === 404) return false
          throw error
        }
      }),
  }
}
