import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { openApiDocument } from '../../../src/protocol/openapi.ts'
import { createServices } from '../../../src/services.ts'
import { type DoorRow, ROWS } from './doors-rows.ts'
import { seedZips } from './seed.ts'

const ORIGIN = 'https://nearcast.test'
const FOREIGN = 'https://stranger.example'
const ALLOWED = 'https://shop.example'
const LIMITS = { maxBodyBytes: 100_000, maxEvents: 5, maxKeys: 1_000 }
const TOKENS = { admin: 'admin-token-of-doors', read: 'read-token-of-doors', write: 'write-token-of-doors' }
const NEXT = {
  admin: 'next-admin-token-of-doors',
  read: 'next-read-token-of-doors',
  write: 'next-write-token-of-doors',
}

const services = createServices({
  ...env,
  ALLOWED_ORIGINS: ALLOWED,
  MAX_BODY_BYTES: String(LIMITS.maxBodyBytes),
  MAX_EVENTS: String(LIMITS.maxEvents),
  MAX_KEYS: String(LIMITS.maxKeys),
  ADMIN_TOKEN: TOKENS.admin,
  READ_TOKEN: TOKENS.read,
  WRITE_TOKEN: TOKENS.write,
  ADMIN_TOKEN_NEXT: NEXT.admin,
  READ_TOKEN_NEXT: NEXT.read,
  WRITE_TOKEN_NEXT: NEXT.write,
  PREDICT_DEADLINE_MILLISECONDS: '30000',
} as unknown as Env)
const app = createApp(() => services)

type Door = keyof typeof TOKENS | 'public'

/** What the body is made of, so that it can be made too much. */
type Form = 'events' | 'json' | 'upload'

interface Operation {
  readonly id: string
  readonly method: string
  readonly door: Door
  readonly form: Form | null
  readonly statuses: readonly number[]
  readonly row: DoorRow
}

interface Documented {
  readonly operationId: string
  readonly security: readonly Record<string, []>[]
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> }
  readonly responses: Readonly<Record<string, object>>
}

const formOf = ({ requestBody }: Documented): Form | null => {
  if (requestBody === undefined) return null
  if ('multipart/form-data' in requestBody.content) return 'upload'
  return 'application/x-ndjson' in requestBody.content ? 'events' : 'json'
}

/** As the document says: nothing here is taken from the declarations it is made of. */
const operations: readonly Operation[] = Object.values(
  openApiDocument(ORIGIN, '0.0.0', LIMITS).paths as unknown as Record<string, Record<string, Documented>>,
).flatMap((methods) =>
  Object.entries(methods).map(([method, documented]) => ({
    id: documented.operationId,
    method: method.toUpperCase(),
    door: (Object.keys(documented.security[0] ?? {})[0] ?? 'public') as Door,
    form: formOf(documented),
    statuses: Object.keys(documented.responses).map(Number),
    row: ROWS[documented.operationId] as DoorRow,
  })),
)

const known = operations.filter(({ id }) => ROWS[id] !== undefined)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const valid = ({ door }: Operation) => (door === 'public' ? {} : bearer(TOKENS[door]))

const knock = async (
  { method, row }: Operation,
  headers: Readonly<Record<string, string>>,
  body = row.body?.(),
): Promise<Response> => {
  const response = await app.fetch(new Request(`${ORIGIN}${row.path}`, { method, headers, ...(body && { body }) }), env)
  await response.clone().arrayBuffer()
  return response
}

/** What the operation answered, which the document must name. */
const status = async (
  operation: Operation,
  headers: Readonly<Record<string, string>> = valid(operation),
  body?: BodyInit,
): Promise<number> => {
  const response = await knock(operation, headers, body)
  expect(operation.statuses, `${operation.id} answers ${response.status}: ${await response.clone().text()}`).toContain(
    response.status,
  )
  return response.status
}

/** A body that is announced by nothing: it comes in pieces until somebody has enough. */
const endless = (piece: string, pieces = 100_000): { readonly body: ReadableStream; sent(): number } => {
  const bytes = new TextEncoder().encode(piece)
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      if (sent++ < pieces) controller.enqueue(bytes)
      else controller.close()
    },
  })
  return { body, sent: () => sent }
}

beforeAll(seedZips)

describe('the table of doors', () => {
  it('has a row for every operation of the OpenAPI document, and no other', () => {
    expect(Object.keys(ROWS).sort()).toEqual(operations.map(({ id }) => id).sort())
  })

  it('has a body in the row of every operation that takes one, and in no other', () => {
    const taking = operations.filter(({ form }) => form !== null).map(({ id }) => id)
    expect(known.filter(({ row }) => row.body !== undefined).map(({ id }) => id)).toEqual(taking)
  })
})

describe.each(known.map((operation) => [operation.id, operation] as const))('%s', (_, operation) => {
  const { door, method, row } = operation
  const isOpen = door === 'public'

  it('answers each token as it should', async () => {
    expect(await status(operation)).toBe(row.passes)
    expect(await status(operation, {})).toBe(isOpen ? row.passes : 401)
    expect(await status(operation, bearer('not-the-token-of-doors'))).toBe(isOpen ? row.passes : 401)
    if (isOpen) return
    expect(await status(operation, bearer(NEXT[door]))).toBe(row.passes)
    const others = Object.entries(TOKENS).flatMap(([name, token]) => (name === door ? [] : [token]))
    for (const token of others) expect(await status(operation, bearer(token))).toBe(401)
    const refused = await knock(operation, {})
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="nearcast"')
  })

  it('answers each origin as it should', async () => {
    if (row.isForEveryPage === true) {
      for (const origin of [FOREIGN, ALLOWED, 'null']) {
        const response = await knock(operation, { origin })
        expect(response.status).toBe(row.passes)
        expect(response.headers.get('access-control-allow-origin')).toBe('*')
      }
      expect(operation.statuses).not.toContain(403)
      return
    }
    const foreign = await knock(operation, { ...valid(operation), origin: FOREIGN })
    expect(foreign.status).toBe(403)
    expect(operation.statuses).toContain(403)
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    expect(foreign.headers.get('timing-allow-origin')).toBeNull()
    const allowed = await knock(operation, { ...valid(operation), origin: ALLOWED })
    expect(allowed.status).toBe(isOpen ? row.passes : 403)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(isOpen ? ALLOWED : null)
    expect(await status(operation, { ...valid(operation), origin: ORIGIN })).toBe(row.passes)
  })

  it('answers each preflight as it should', async () => {
    const ask = (origin: string) =>
      app.fetch(
        new Request(`${ORIGIN}${row.path}`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': method },
        }),
        env,
      )
    expect((await ask(FOREIGN)).status).toBe(row.isForEveryPage === true ? 204 : 403)
    const allowed = await ask(ALLOWED)
    expect(allowed.status).toBe(isOpen ? 204 : 403)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(isOpen ? ALLOWED : null)
    if (isOpen) expect(allowed.headers.get('access-control-allow-methods')).toContain(method)
  })

  it('turns away who asks too often, unless it tells how the server is', async () => {
    const isUnlimited = /live|ready/i.test(operation.id) && !/^(model|version)/.test(operation.id)
    const limit = door === 'public' || door === 'write' ? env.PUBLIC_LIMIT : env.TOKEN_LIMIT
    const address = '203.0.113.9'
    let response: Response | undefined
    // The window of the limit may end between its last request and this one.
    for (let tries = 0; tries < 3 && response?.status !== 429; tries++) {
      while ((await limit.limit({ key: address })).success);
      response = await knock(operation, { ...valid(operation), 'cf-connecting-ip': address })
      if (isUnlimited) break
    }
    expect(response?.status).toBe(isUnlimited ? row.passes : 429)
    expect(operation.statuses.includes(429)).toBe(!isUnlimited)
    if (!isUnlimited) expect(response?.headers.get('retry-after')).toMatch(/^(?:10|60)$/)
    expect(await status(operation, { ...valid(operation), 'cf-connecting-ip': '127.0.0.1' })).toBe(row.passes)
  })
})

const withBody = known.filter(({ form }) => form !== null)

describe.each(withBody.map((operation) => [operation.id, operation] as const))('the body of %s', (_, operation) => {
  const { row, form } = operation
  /** What has been sent by then is little more than may be: streams read ahead. */
  const refuses = async (piece: string, mostBytes = LIMITS.maxBodyBytes, headers: Record<string, string> = {}) => {
    const { body, sent } = endless(piece)
    const answer = await status(operation, { ...valid(operation), ...headers }, body)
    expect(sent() * piece.length).toBeLessThan(mostBytes + 300_000)
    return answer
  }

  it('may be told that it did not come in time', () => {
    expect(operation.statuses).toContain(408)
  })

  it('is stopped while it comes when it is too much', async () => {
    if (form === 'upload') {
      const type = { 'content-type': 'multipart/form-data; boundary=b' }
      expect(await refuses('x'.repeat(10_000), 26_214_400, type)).toBe(413)
      expect(await status(operation, { ...valid(operation), 'content-type': 'application/json' }, '{}')).toBe(400)
      return
    }
    expect(await refuses('"x" '.repeat(250))).toBe(413)
    expect(await status(operation, valid(operation), '"x" '.repeat(50_000))).toBe(413)
    expect(await refuses('['.repeat(100))).toBe(400)
    expect(await status(operation, valid(operation), `${'['.repeat(65)}${']'.repeat(65)}`)).toBe(400)
    expect(await refuses('{"a":1}'.repeat(2_000))).toBe(413)
    expect(await status(operation, valid(operation), `{${'"a":1,'.repeat(1_001)}"b":1}`)).toBe(413)
    expect(await status(operation, { ...valid(operation), 'content-type': 'application/octet-stream' })).toBe(415)
    expect(await status(operation, { ...valid(operation), 'content-encoding': 'gzip' })).toBe(415)
    if (form !== 'events') return
    const one = row.body?.() as string
    expect(await status(operation, valid(operation), `[${Array(6).fill(one).join(',')}]`)).toBe(413)
    expect(await status(operation, valid(operation), `{"events":[${Array(6).fill(one).join(',')}]}`)).toBe(413)
    expect(await status(operation, valid(operation), Array(6).fill(one).join('\n'))).toBe(413)
    expect(await refuses(`${one}\n`)).toBe(413)
  })
})
