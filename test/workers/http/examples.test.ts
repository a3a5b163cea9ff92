import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../../model/late-arrival/1.0.0/manifest.json'
import model from '../../../model/late-arrival/1.0.0/model.onnx'
import reference from '../../../model/late-arrival/1.0.0/reference.json'
import { type ExampleWorker, type Names, prepareWorker, sendExample } from '../../../ops/api/send-examples.ts'
import { createApp } from '../../../src/http/app.ts'
import { EXAMPLE_ANSWERS } from '../../../src/protocol/examples/add-examples.ts'
import { EXAMPLE_OBJECT, EXAMPLE_REQUESTS } from '../../../src/protocol/examples/requests.ts'
import { ROUTES, type RouteDeclaration } from '../../../src/protocol/routes.ts'
import { createServices } from '../../../src/services.ts'
import { seedZips } from './seed.ts'

const TOKENS = { admin: 'admin-token-of-examples', read: 'read-token-of-examples', write: 'write-token-of-examples' }
const SIGNING_KEY = 'signing-key-of-examples'

const services = createServices({
  ...env,
  ADMIN_TOKEN: TOKENS.admin,
  READ_TOKEN: TOKENS.read,
  WRITE_TOKEN: TOKENS.write,
  SIGNING_KEY,
  PREDICT_DEADLINE_MILLISECONDS: '30000',
} as unknown as Env)
const app = createApp(() => services)
const worker: ExampleWorker = {
  send: (path, init) => Promise.resolve(app.fetch(new Request(`https://nearcast.test${path}`, init), env)),
  tokens: TOKENS,
  signingKey: SIGNING_KEY,
  files: { manifest, model: new Uint8Array(model), reference },
}

/** What the statistics count, or remember, depends on what was sent before: there the schema is all that holds. */
const COUNTED: readonly string[] = ['statistics', 'series', 'alerts', 'drift', 'models', 'deadLetters', 'archive']

/** Every member that there is in `value`, whatever it is called where names are data: one path each, with its type. */
const membersOf = (value: unknown, place = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => membersOf(item, `${place}[]`))
  // What is null may be anything.
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => {
    const own = `${place}.${name}`
    return [...(of === null || (Array.isArray(of) && of.length === 0) ? [] : [own]), ...membersOf(of, own)]
  })
}

/** Members of one that the other has not, though it has what they stand in. */
const missingIn = (there: unknown, here: unknown): string[] => {
  const known = new Set(membersOf(there))
  const isEmpty = (place: string): boolean => {
    const parent = place.replace(/\.[^.]*$/, '').replace(/(?:\[\])+$/, '')
    return parent !== '' && !known.has(parent)
  }
  return [...new Set(membersOf(here))].filter((place) => !known.has(place) && !isEmpty(place))
}

let names: Names
beforeAll(async () => {
  await seedZips()
  const lines = new Response('{"_id":"a"}\n').body?.pipeThrough(new CompressionStream('gzip'))
  await env.ARCHIVE.put(EXAMPLE_OBJECT, await new Response(lines).arrayBuffer())
  names = await prepareWorker(worker, EXAMPLE_OBJECT)
})

const examples = (Object.keys(EXAMPLE_REQUESTS) as (keyof typeof ROUTES)[]).flatMap((key) =>
  EXAMPLE_REQUESTS[key].map((request) => [`${key}.${request.name}`, key, request] as const),
)

describe('an example of the OpenAPI document', () => {
  it.each(examples)('%s is answered as documented', async (name, key, request) => {
    const route: RouteDeclaration = ROUTES[key]
    const response = await sendExample(worker, route, request, names)
    const example = EXAMPLE_ANSWERS[name]
    const type = route.answerType ?? 'application/json'
    expect(response.headers.get('content-type')).toContain(type)
    if (type !== 'application/json') {
      expect(response.status).toBe(request.status)
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0)
      expect(example).toMatch(/\S/)
      return
    }
    const answer: unknown = await response.json()
    expect(response.status, JSON.stringify(answer)).toBe(request.status)
    expect(route.answer.safeParse(answer).error).toBeUndefined()
    if (key === 'openapi' || COUNTED.includes(key)) return
    expect(missingIn(answer, example)).toEqual([])
    expect(missingIn(example, answer)).toEqual([])
    expect(membersOf(answer).length).toBeGreaterThan(0)
  })
})
