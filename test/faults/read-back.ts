/** Finds what became of events by reading the archive and the dead letters themselves. */
import { gunzipSync } from 'node:zlib'
import type { Miniflare } from 'miniflare'
import { SECRETS } from '../../bench/worker.ts'
import type { Prediction } from '../../src/protocol/answers.ts'
import { getJson } from './client.ts'
import type { Side } from './fault-plan.ts'
import { KEY_FIELD } from './traffic.ts'

export interface ArchivedLine {
  readonly key: string
  readonly prediction: Prediction
}

export interface FoundLetter {
  readonly id: string
  readonly key: string
  readonly stage: string
}

export interface Found {
  readonly archived: readonly ArchivedLine[]
  /** Those that wait: in the object, and in the bucket until it answers. Each id once. */
  readonly letters: readonly FoundLetter[]
}

interface ListedLetter {
  readonly id: string
  readonly state: string
  readonly stage: string
}

type Bucket = Awaited<ReturnType<Miniflare['getR2Bucket']>>

const AT_ONCE = 8

const keysIn = async (bucket: Bucket, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
    keys.push(...page.objects.map(({ key }) => key))
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  return keys
}

const mapSome = async <T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<readonly U[]> => {
  const results: U[] = []
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))))
  }
  return results
}

const bytesOf = async (bucket: Bucket, key: string): Promise<Buffer> => {
  const object = await bucket.get(key)
  if (object === null) throw new Error(`${key} is listed and not there`)
  return Buffer.from(await object.arrayBuffer())
}

/** The key of the event in `text`, or the text itself, which is nobody's then. */
const keyIn = (text: string): string => {
  const event = JSON.parse(text) as Record<string, unknown> & { readonly _source?: Record<string, unknown> }
  return String((event._source ?? event)[KEY_FIELD] ?? text)
}

const archivedIn = async (bucket: Bucket): Promise<readonly ArchivedLine[]> => {
  const objects = await mapSome(await keysIn(bucket, 'archive/'), (key) => bytesOf(bucket, key))
  const lines = objects.flatMap((bytes) => gunzipSync(bytes).toString('utf8').split('\n'))
  return lines.flatMap((line) => {
    if (line === '') return []
    const { _source } = JSON.parse(line) as { _source: { nearcast: Prediction } & Record<string, unknown> }
    return [{ key: String(_source[KEY_FIELD] ?? line), prediction: _source.nearcast }]
  })
}

const lettersInBucket = async (bucket: Bucket): Promise<readonly FoundLetter[]> =>
  mapSome(await keysIn(bucket, 'letters/'), async (key) => {
    const parked = JSON.parse((await bytesOf(bucket, key)).toString('utf8')) as {
      readonly letter: { readonly id: string; readonly stage: string }
      readonly payload: { readonly base64: string }
    }
    const { id, stage } = parked.letter
    return { id, stage, key: keyIn(Buffer.from(parked.payload.base64, 'base64').toString('utf8')) }
  })

const lettersInObject = async (origin: string): Promise<readonly FoundLetter[]> => {
  const listed: ListedLetter[] = []
  let cursor: string | null = null
  do {
    const page: { letters: readonly ListedLetter[]; cursor: string | null } = await getJson(
      `${origin}/admin/dead-letters?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`,
      SECRETS.ADMIN_TOKEN,
    )
    listed.push(...page.letters)
    cursor = page.cursor
  } while (cursor !== null)
  const waiting = listed.filter(({ state }) => state === 'waiting')
  return mapSome(waiting, async ({ id, stage }) => {
    const { payload } = await getJson<{ payload: string }>(`${origin}/admin/dead-letters/${id}`, SECRETS.ADMIN_TOKEN)
    return { id, stage, key: keyIn(payload) }
  })
}

export const readBack = async (miniflare: Miniflare, origin: string): Promise<Found> => {
  const bucket = await miniflare.getR2Bucket('ARCHIVE')
  const parked = await lettersInBucket(bucket)
  const kept = await lettersInObject(origin)
  const letters = new Map([...parked, ...kept].map((letter) => [letter.id, letter]))
  return { archived: await archivedIn(bucket), letters: [...letters.values()] }
}

/** Events that the statistics have counted, by what each side calls its code, see worker.ts. */
export const countedBy = async (side: Side, origin: string): Promise<number> => {
  const report = await getJson<{ readonly code_versions: Readonly<Record<string, number>> }>(
    `${origin}/v1/stats?window=24h`,
    SECRETS.READ_TOKEN,
  )
  return report.code_versions[side] ?? 0
}
