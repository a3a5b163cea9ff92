/** Writes src/protocol/examples/answers.json: what a throw-away worker answers to the example requests. `npm run record:api`. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { deployedBundle } from '../../bench/bundle.ts'
import { ROOT } from '../../bench/root.ts'
import { createWorkerHost, SECRETS } from '../../bench/worker.ts'
import { EXAMPLE_REQUESTS } from '../../src/protocol/examples/requests.ts'
import { ROUTES, type RouteDeclaration } from '../../src/protocol/routes.ts'
import { type ExampleWorker, type Names, prepareWorker, sendExample } from './send-examples.ts'

const FILE = join(ROOT, 'src/protocol/examples/answers.json')
const VERSION = join(ROOT, 'model/late-arrival/1.0.0')
const ORIGIN = 'https://nearcast.example'
/** Longer lists, and texts, are cut. */
const MOST_ITEMS = 8
const KEPT_ITEMS = 2
const MOST_CHARACTERS = 600

const json = (file: string): object => JSON.parse(readFileSync(join(VERSION, file), 'utf8')) as object

/** Lists of objects keep their first two; what has names keeps six. */
const shortened = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const most = value.some((item) => typeof item === 'object') ? KEPT_ITEMS : MOST_ITEMS
    return value.slice(0, most).map(shortened)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shortened(of)]))
}

const textOf = (bytes: Uint8Array, contentType: string): string => {
  const text = new TextDecoder().decode(contentType === 'application/gzip' ? gunzipSync(bytes) : bytes)
  if (text.length <= MOST_CHARACTERS) return text
  return `${text.slice(0, text.lastIndexOf('\n', MOST_CHARACTERS) + 1 || MOST_CHARACTERS)}…`
}

const host = createWorkerHost()
await host.seed(JSON.parse(readFileSync(join(ROOT, 'kv-seed', 'zips.json'), 'utf8')))
const variables = { PREDICT_DEADLINE_MILLISECONDS: '30000', ZIP_DEADLINE_MILLISECONDS: '30000' }
const running = await host.start(deployedBundle(), 'product', { variables, takeLog: () => {} })
const origin = `http://127.0.0.1:${running.port}`
const worker: ExampleWorker = {
  send: (path, init) => fetch(`${origin}${path}`, init),
  tokens: { admin: SECRETS.ADMIN_TOKEN, read: SECRETS.READ_TOKEN, write: SECRETS.WRITE_TOKEN },
  signingKey: SECRETS.SIGNING_KEY,
  files: {
    manifest: json('manifest.json'),
    model: new Uint8Array(readFileSync(join(VERSION, 'model.onnx'))),
    reference: json('reference.json'),
  },
}

/** The key of an object of the archive, once there is one. */
const archivedObject = async (): Promise<string> => {
  await worker.send('/v1/events', { method: 'POST', body: '{"createdDateTime":1731880381293,"zipCode":"94107"}' })
  const day = new Date().toISOString().slice(0, 10)
  const headers = { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` }
  for (let attempt = 0; attempt < 60; attempt++) {
    const listed = await worker.send(`/admin/archive?day=${day}`, { headers })
    const { objects } = (await listed.json()) as { objects: readonly { key: string }[] }
    if (objects[0] !== undefined) return objects[0].key
    await pause(500)
  }
  throw new Error('nothing came into the archive')
}

const inDocument = (text: string, names: Names): string =>
  Object.entries(names)
    .reduce((all, [name, value]) => all.replaceAll(value, name), text)
    .replaceAll(origin, ORIGIN)

try {
  const names = await prepareWorker(worker, await archivedObject())
  const answers: Record<string, unknown> = {}
  for (const [key, requests] of Object.entries(EXAMPLE_REQUESTS)) {
    const route: RouteDeclaration = ROUTES[key as keyof typeof ROUTES]
    // The statistics are a second or two behind.
    if (key === 'statistics') await pause(4_000)
    for (const request of requests) {
      const answer = await sendExample(worker, route, request, names)
      const bytes = new Uint8Array(await answer.arrayBuffer())
      if (answer.status !== request.status)
        throw new Error(`${key}.${request.name} answered ${answer.status}: ${new TextDecoder().decode(bytes)}`)
      const type = route.answerType ?? 'application/json'
      const text = inDocument(
        type === 'application/json' ? new TextDecoder().decode(bytes) : textOf(bytes, type),
        names,
      )
      answers[`${key}.${request.name}`] = type === 'application/json' ? shortened(JSON.parse(text)) : text
    }
  }
  // What the document says of itself: its beginning is enough.
  answers['openapi.example'] = { openapi: '3.1.1', info: { title: 'Nearcast', version: '0.1.0' } }
  writeFileSync(FILE, JSON.stringify(answers))
  execFileSync('biome', ['format', '--write', FILE], { cwd: ROOT, stdio: 'pipe' })
  console.log(`${FILE}: ${Object.keys(answers).length} answers`)
} finally {
  await running.stop()
  host.remove()
}
