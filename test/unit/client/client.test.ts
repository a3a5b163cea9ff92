import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../../bench/root.ts'
import {
  type Client,
  createClient,
  NoAnswerError,
  ProblemError,
  UnexpectedAnswerError,
} from '../../../src/client/index.ts'
import { nodeApp } from '../../support/node-app.ts'

const EVENT = { createdDateTime: 1731880381293, zipCode: '94107' }
const TOKENS = { READ_TOKEN: 'read-token-of-client', WRITE_TOKEN: 'write-token-of-client' }

const { app } = nodeApp('mlp', TOKENS)
const asked: Request[] = []
const client = createClient({
  url: 'https://nearcast.test',
  token: TOKENS.READ_TOKEN,
  fetch: (request) => {
    asked.push(request.clone())
    return Promise.resolve(app.fetch(request))
  },
})

/** A client of something that answers as told. */
const answering = (answer: (request: Request) => Response | Promise<Response>): Client =>
  createClient({ url: 'https://elsewhere.test/base', fetch: async (request) => answer(request) })

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a client', () => {
  it('sends an event and has its prediction', async () => {
    const answer = await client.post('/v1/predict', { body: EVENT, query: { features: 'false' } })
    expect(answer).toMatchObject({ model_name: 'mlp', zip: '94107' })
    expect('features' in answer).toBe(false)
    expect(asked.at(-1)?.headers.get('content-type')).toBe('application/json')
  })

  it('sends lines as they are, and has a batch', async () => {
    const body = `${JSON.stringify(EVENT)}\n{}\n`
    const answer = await client.post('/v1/predict', { body, contentType: 'application/x-ndjson' })
    expect('predictions' in answer && answer.predictions.map((one) => 'error' in one)).toEqual([false, true])
  })

  it('fills paths in, and sends its token, another, or none', async () => {
    expect(await client.get('/v1/models/{model}', { path: { model: 'mlp' } })).toMatchObject({ name: 'mlp' })
    expect(asked.at(-1)?.headers.get('authorization')).toBe(`Bearer ${TOKENS.READ_TOKEN}`)
    await client.get('/livez', { token: 'another', headers: { 'x-request-id': 'mine' } })
    expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer another')
    expect(asked.at(-1)?.headers.get('x-request-id')).toBe('mine')
    await client.get('/livez', { token: null })
    expect(asked.at(-1)?.headers.get('authorization')).toBeNull()
    await thrownBy(client.get('/v1/models/{model}', { path: { model: 'a/b?c' } }))
    expect(new URL(asked.at(-1)?.url ?? '').pathname).toBe('/v1/models/a%2Fb%3Fc')
  })

  it('throws what the worker says, with code, status, detail and the events it speaks of', async () => {
    const error = await thrownBy(client.post('/v1/predict', { body: { _id: 'b', zipCode: '94107' } }))
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({
      ...{ code: 'missing_time', status: 422, requestId: expect.any(String), retryAfterSeconds: null },
      detail: expect.stringContaining('createdDateTime'),
      message: expect.stringMatching(/\(missing_time\)$/),
      errors: [{ index: 0, id: 'b', error: { code: 'missing_time', path: 'createdDateTime' } }],
    })
    const closed = await thrownBy(client.get('/v1/stats', { token: null }))
    expect(closed).toMatchObject({ code: 'unauthorized', status: 401, errors: [] })
  })

  it('throws errors of /v2, which have no code', async () => {
    const error = await thrownBy(client.get('/v2/models/{model}', { path: { model: 'nobody' } }))
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ code: null, status: 404, detail: expect.stringContaining('nobody') })
  })

  it('takes a worker that is not ready for an answer, and how long to wait for a refusal', async () => {
    const notReady = answering(() => Response.json({ ready: false, reasons: ['loading'] }, { status: 503 }))
    expect(await notReady.get('/readyz')).toEqual({ ready: false, reasons: ['loading'] })
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '5' }
    const body = JSON.stringify({ code: 'model_unavailable', detail: 'no', errors: [] })
    const refused = await thrownBy(answering(() => new Response(body, { status: 503, headers })).get('/v1/models'))
    expect(refused).toMatchObject({ code: 'model_unavailable', retryAfterSeconds: 5 })
  })

  it('tells an answer of something else apart', async () => {
    const html = answering(() => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }))
    const error = await thrownBy(html.get('/v1/models'))
    expect(error).toBeInstanceOf(UnexpectedAnswerError)
    expect(error).toMatchObject({
      status: 502,
      message: 'https://elsewhere.test/base/v1/models answered 502 with what is no JSON: <html>',
    })
    expect(await thrownBy(answering(() => Response.json([1], { status: 500 })).get('/v1/models'))).toMatchObject({
      message: 'https://elsewhere.test/base/v1/models answered 500',
    })
    const cut = answering(() => new Response('{"models":[', { headers: { 'content-type': 'application/json' } }))
    expect(await thrownBy(cut.get('/v1/models'))).toBeInstanceOf(UnexpectedAnswerError)
  })

  it('gives up at the deadline, also in the middle of an answer', async () => {
    const aborted = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const silent = answering(({ signal }) => aborted(signal))
    const error = await thrownBy(silent.get('/livez', { deadlineMilliseconds: 5 }))
    expect(error).toBeInstanceOf(NoAnswerError)
    expect(error).toMatchObject({ isLate: true, message: expect.stringContaining('no answer within 5 ms') })
    const halfway = answering(({ signal }) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"live":'))
          signal.addEventListener('abort', () => controller.error(signal.reason))
        },
      })
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    })
    expect(await thrownBy(halfway.get('/livez', { deadlineMilliseconds: 5 }))).toMatchObject({ isLate: true })
  })

  it('says why it could not reach anybody, and leaves the signal of the caller its reason', async () => {
    const gone = answering(() => Promise.reject(new TypeError('fetch failed', { cause: new Error('refused') })))
    expect(await thrownBy(gone.get('/livez'))).toMatchObject({
      isLate: false,
      message: 'https://elsewhere.test cannot be reached: refused',
    })
    const own = new Error('not wanted any more')
    const ended = thrownBy(gone.get('/livez', { signal: AbortSignal.abort(own) }))
    expect(await ended).not.toBeInstanceOf(NoAnswerError)
  })

  it('sends a stream and a form as they are', async () => {
    const bodies: [string | null, string][] = []
    const taking = answering(async (request) => {
      bodies.push([request.headers.get('content-type'), await request.text()])
      return Response.json({ accepted: 1, rejected: [] }, { status: 202 })
    })
    const stream = new Blob([JSON.stringify(EVENT)]).stream()
    await taking.post('/v1/events', { body: stream, contentType: 'application/json' })
    expect(bodies[0]).toEqual(['application/json', JSON.stringify(EVENT)])
    const form = new FormData()
    form.set('by', 'ada')
    await taking.post('/admin/models/{model}/versions', { path: { model: 'm' }, body: form })
    expect(bodies[1]).toEqual([
      expect.stringMatching(/^multipart\/form-data; boundary=/),
      expect.stringContaining('ada'),
    ])
  })
})

describe('the package', () => {
  it('exports the client as nearcast/client, without zod', () => {
    const program = "import('nearcast/client').then(({ createClient }) => console.log(typeof createClient))"
    const said = execFileSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' })
    expect(said.trim()).toBe('function')
    const text = execFileSync(process.execPath, ['-p', "require('fs').readFileSync('dist/client.js','utf8')"], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(text).not.toMatch(/\bzod\b|\bimport\b.*\bfrom\b/)
  })
})
