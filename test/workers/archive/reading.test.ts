import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { r2StoredObjects } from '../../../src/adapters/r2-archive.ts'
import { createArchiveReader } from '../../../src/archive-services.ts'
import { createApp } from '../../../src/http/app.ts'
import type { ArchivePage } from '../../../src/protocol/archive-routes.ts'
import { createServices } from '../../../src/services.ts'
import type { StoredObjects } from '../../../src/serving/ports/stored-objects.ts'
import { json } from '../../support/answer.ts'
import { freshHour, gunzipText, keyOf, writeSmall } from './lines.ts'

const HEADERS = { authorization: 'Bearer admin-token-of-the-tests' }

const appWith = (stored: (real: StoredObjects) => StoredObjects = (real) => real) => {
  const services = { ...createServices(env), archive: createArchiveReader(env, { stored }) }
  const app = createApp(() => services)
  return (path: string, headers: Record<string, string> = HEADERS): Promise<Response> =>
    Promise.resolve(app.request(path, { headers }, env, createExecutionContext()))
}
const get = appWith()

const page = async (path: string): Promise<ArchivePage> => json<ArchivePage>(await get(path))

describe('GET /admin/archive', () => {
  it('lists the objects of a day or an hour, page by page', async () => {
    const { hour } = freshHour()
    const [day, of] = hour.split('/')
    await writeSmall(hour, 3)
    await env.ARCHIVE.put(keyOf(`${day}/14`, 'other'), 'x')
    const whole = await page(`/admin/archive?day=${day}`)
    expect(whole).toMatchObject({ is_joining: false, cursor: null })
    expect(whole.objects.length).toBe(4)
    expect(whole.objects[3]).toMatchObject({ key: `archive/${day}/14/other.ndjson.gz`, bytes: 1 })
    expect(Date.parse(whole.objects[3].written_at)).toBeGreaterThan(0)

    const keys: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const at: ArchivePage = await page(
        `/admin/archive?day=${day}&hour=${of}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      keys.push(...at.objects.map(({ key }) => key))
      cursor = at.cursor
    }
    expect(keys).toEqual(whole.objects.slice(0, 3).map(({ key }) => key))
  })

  it('hides what is being joined, and says that something is', async () => {
    const { hour } = freshHour()
    const [day] = hour.split('/')
    await writeSmall(hour, 1)
    await env.ARCHIVE.put(`joining/${hour}.json`, '{}')
    expect(await page(`/admin/archive?day=${day}`)).toMatchObject({ is_joining: false })
    await env.ARCHIVE.put(`joining/${hour}/job.ndjson.gz`, 'x')
    const found = await page(`/admin/archive?day=${day}`)
    expect(found).toMatchObject({ is_joining: true })
    expect(found.objects.length).toBe(1)
    await env.ARCHIVE.delete(`joining/${hour}/job.ndjson.gz`)
  })

  it.each([
    '/admin/archive',
    '/admin/archive?day=2026-02-30',
    '/admin/archive?day=2026-11-2',
    '/admin/archive?day=../../x',
    '/admin/archive?day=2026-11-25&hour=24',
    '/admin/archive?day=2026-11-25&hour=1',
    '/admin/archive?day=2026-11-25&limit=1001',
    '/admin/archive?day=2026-11-25&cursor=models/',
  ])('refuses %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(400)
    expect(await json(response)).toMatchObject({ code: 'invalid_parameter' })
  })
})

describe('GET /admin/archive/object', () => {
  it('streams the bytes of one', async () => {
    const { hour } = freshHour()
    const lines = await writeSmall(hour, 1)
    const [object] = (await env.ARCHIVE.list({ prefix: `archive/${hour}/` })).objects
    const response = await get(`/admin/archive/object?key=${encodeURIComponent(object.key)}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/gzip')
    expect(response.headers.get('content-encoding')).toBeNull()
    if (response.body === null) throw new Error('there is no body')
    expect((await gunzipText(response.body)).trim().split('\n')).toEqual(lines)
  })

  it('gives out nothing but objects of the archive', async () => {
    await env.ARCHIVE.put('payloads/2026-11-25/m-0.json', '{}')
    await env.ARCHIVE.put('joining/2026-11-25/13/job.ndjson.gz', 'x')
    for (const key of [
      'payloads/2026-11-25/m-0.json',
      'joining/2026-11-25/13/job.ndjson.gz',
      'letters/a.json',
      'archive/2026-11-25/13/../../../payloads/2026-11-25/m-0.json',
      'archive/2026-11-25/13/.ndjson.gz',
      'archive/2026-11-25/13/a.ndjson.gz\n',
      'archive/2026-13-25/13/a.ndjson.gz',
      '',
    ]) {
      const response = await get(`/admin/archive/object?key=${encodeURIComponent(key)}`)
      expect({ key, status: response.status }).toEqual({ key, status: 400 })
    }
    await env.ARCHIVE.delete(['payloads/2026-11-25/m-0.json', 'joining/2026-11-25/13/job.ndjson.gz'])
  })

  it('answers 404 for one that is not there', async () => {
    const response = await get('/admin/archive/object?key=archive/2026-11-25/13/nobody.ndjson.gz')
    expect(response.status).toBe(404)
    expect(await json(response)).toMatchObject({ code: 'unknown_object' })
  })
})

describe('both', () => {
  it.each(['/admin/archive?day=2026-11-25', '/admin/archive/object?key=archive/2026-11-25/13/a.ndjson.gz'])(
    'want the token: %s',
    async (path) => {
      expect((await get(path, {})).status).toBe(401)
      expect((await get(path, { authorization: 'Bearer read-token-of-the-tests' })).status).toBe(401)
    },
  )

  it('answer 503 when the bucket fails', async () => {
    // What the adapter makes of a bucket that fails, and of one that hangs.
    const broken = { get: () => Promise.reject(new Error('down')), list: () => new Promise(() => undefined) }
    const quick = appWith(() =>
      r2StoredObjects(broken as unknown as R2Bucket, { sleep: () => new Promise((wake) => setTimeout(wake, 5)) }),
    )
    for (const path of [
      '/admin/archive?day=2026-11-25',
      '/admin/archive/object?key=archive/2026-11-25/13/a.ndjson.gz',
    ]) {
      const response = await quick(path)
      expect(response.status).toBe(503)
      expect(await json(response)).toMatchObject({ code: 'archive_unavailable' })
    }
  })
})
