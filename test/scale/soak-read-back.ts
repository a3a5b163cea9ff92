/** Reads back where the events of the soak are: every object of the archive, every dead letter. */
import { gunzipSync } from 'node:zlib'
import type { Miniflare } from 'miniflare'
import type { LetterPageAnswer } from '../../src/protocol/dead-letters.ts'
import { KEY_FIELD } from './soak-events.ts'
import type { Found, FoundLetter, PromisedLetters } from './soak-ledger.ts'

export interface ReadBackParts {
  readonly miniflare: Miniflare
  readonly origin: string
  readonly adminToken: string
  readonly promised: PromisedLetters
}

export interface ReadBack extends Found {
  readonly objects: number
  /** Lines of the archive, with those of sampled predictions. */
  readonly lines: number
  /** Letters that wait in the bucket for their object: none, unless the object was down. */
  readonly parked: number
}

const KEY = new RegExp(`"${KEY_FIELD}":(\\d+)`)
const LETTERS_OF_A_PAGE = 500

const archivedIn = async (miniflare: Miniflare): Promise<Omit<ReadBack, 'letters'>> => {
  const bucket = await miniflare.getR2Bucket('ARCHIVE')
  const archived = new Map<number, number>()
  let objects = 0
  let lines = 0
  let parked = 0
  let cursor: string | undefined
  do {
    const page = await bucket.list({ ...(cursor !== undefined && { cursor }) })
    for (const { key } of page.objects) {
      if (key.startsWith('letters/')) parked++
      if (!key.startsWith('archive/')) continue
      const object = await bucket.get(key)
      if (object === null) throw new Error(`${key} is listed and not there`)
      objects++
      for (const line of gunzipSync(Buffer.from(await object.arrayBuffer()))
        .toString('utf8')
        .split('\n')) {
        if (line === '') continue
        lines++
        const [, digits] = KEY.exec(line) ?? []
        // A sampled prediction has no key.
        if (digits === undefined) continue
        const event = Number(digits)
        archived.set(event, (archived.get(event) ?? 0) + 1)
      }
    }
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  return { archived, objects, lines, parked }
}

const lettersIn = async ({ origin, adminToken, promised }: ReadBackParts): Promise<readonly FoundLetter[]> => {
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${origin}/admin/dead-letters${path}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    if (!answer.ok) throw new Error(`/admin/dead-letters${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const found: FoundLetter[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const page: LetterPageAnswer = await get(`?limit=${LETTERS_OF_A_PAGE}${query}`)
    for (const { id, state } of page.letters) {
      let key: number | null = null
      if (!promised.has(id)) {
        const { payload } = await get<{ payload: string | null }>(`/${id}`)
        const [, digits] = KEY.exec(payload ?? '') ?? []
        key = digits === undefined ? null : Number(digits)
      }
      found.push({ id, state, key })
    }
    cursor = page.cursor
  } while (cursor !== null)
  return found
}

export const readBack = async (parts: ReadBackParts): Promise<ReadBack> => ({
  ...(await archivedIn(parts.miniflare)),
  letters: await lettersIn(parts),
})
