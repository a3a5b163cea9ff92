/** An archive of the tests' own: written as the consumer does, and read back as any reader would. */
import { env } from 'cloudflare:workers'
import { type ArchiveHour, archivePrefix } from '../../../src/protocol/archive-keys.ts'

export const gzip = async (text: string): Promise<Uint8Array> => {
  const body = new Response(text).body
  if (body === null) throw new Error('there is no text')
  return new Uint8Array(await new Response(body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer())
}

export const gunzipText = (bytes: ReadableStream): Promise<string> =>
  new Response(bytes.pipeThrough(new DecompressionStream('gzip'))).text()

/** An hour that no other test uses: far away, one day each. */
let day = Date.UTC(2031, 0, 1)
export const freshHour = (): { hour: ArchiveHour; start: number } => {
  day += 86_400_000
  const start = day + 13 * 3_600_000
  return { hour: new Date(start).toISOString().slice(0, 13).replace('T', '/'), start }
}

export const keyOf = (hour: ArchiveHour, message: string): string => `archive/${hour}/${message}.ndjson.gz`

/** Objects of `perObject` lines each; resolves to all lines. */
export const writeSmall = async (hour: ArchiveHour, objects: number, perObject = 3): Promise<string[]> => {
  const lines: string[] = []
  for (let object = 0; object < objects; object++) {
    const message = crypto.randomUUID()
    const own = Array.from({ length: perObject }, (_, index) => JSON.stringify({ _id: `${message}-${index}` }))
    lines.push(...own)
    await env.ARCHIVE.put(keyOf(hour, message), await gzip(`${own.join('\n')}\n`))
  }
  return lines
}

export const keysOf = async (hour: ArchiveHour): Promise<string[]> => {
  const [day = '', of = ''] = hour.split('/')
  return (await env.ARCHIVE.list({ prefix: archivePrefix(day, of) })).objects.map(({ key }) => key)
}

/** Every line of the hour, sorted: as a reader finds it who lists, and then reads what is listed. */
export const readLines = async (hour: ArchiveHour): Promise<string[]> => {
  const lines: string[] = []
  for (const key of await keysOf(hour)) {
    const object = await env.ARCHIVE.get(key)
    if (object !== null) lines.push(...(await gunzipText(object.body)).split('\n').filter((line) => line !== ''))
  }
  return lines.sort()
}

export const duplicatesIn = (lines: readonly string[]): string[] =>
  lines.filter((line, index) => lines.indexOf(line) !== index)
