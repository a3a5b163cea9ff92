import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ECS_VERSION, type LogEntry, logLine } from '../../../src/core/log-entry.ts'
import type { Parts } from '../../../src/http/assemble.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { nodeApp } from '../../support/node-app.ts'

interface Ecs {
  readonly version: string
  readonly fields: Readonly<Record<string, string>>
}
const ecs = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/ecs-fields.json'), 'utf8')) as Ecs

const EVENT = { createdDateTime: 1731880381293, zipCode: '94107', visitor_id: 'visitor-7' }
const AT = { epochMilliseconds: Date.UTC(2026, 10, 25, 6), version: '1.2.3' }
const KEYWORD_LIMIT = 1_024

const isOf: Readonly<Record<string, (value: unknown) => boolean>> = {
  date: (value) => typeof value === 'string' && new Date(value).toISOString() === value,
  keyword: (value) => typeof value === 'string' && value.length <= KEYWORD_LIMIT,
  wildcard: (value) => typeof value === 'string',
  match_only_text: (value) => typeof value === 'string' && value.length <= 2_000,
  long: Number.isSafeInteger,
}

/** What is wrong with a line, by ECS; labels are keywords of any name. */
const faultsOf = (line: string): string[] => {
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>)
  return fields.flatMap(([name, value]) => {
    const type = name.startsWith('labels.') ? 'keyword' : ecs.fields[name]
    if (type === undefined) return [`${name} is no field of ECS`]
    return isOf[type]?.(value) === true ? [] : [`${name} is ${JSON.stringify(value)}, not ${type}`]
  })
}

const parsed = (entry: LogEntry): Record<string, unknown> => JSON.parse(logLine(entry, AT))

/** What an app has logged, written as the worker writes it. */
const appWithLog = (env: object, model = 'trees', parts: Partial<Parts> = {}) => {
  const entries: LogEntry[] = []
  const { app } = nodeApp(model, env, { log: (entry) => void entries.push(entry), ...parts })
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    app.request(path, { method: 'POST', body, headers })
  return { post, lines: () => entries.map((entry) => logLine(entry, AT)) }
}

describe('a line of the log', () => {
  it('says what every line says', () => {
    expect(parsed('it failed')).toEqual({
      '@timestamp': '2026-11-25T06:00:00.000Z',
      'log.level': 'error',
      message: 'it failed',
      'ecs.version': ECS_VERSION,
      'service.name': 'nearcast',
      'service.version': '1.2.3',
      'event.dataset': 'nearcast.log',
      'event.outcome': 'failure',
    })
    expect(ecs.version).toBe(ECS_VERSION)
  })

  it('is one line of fields that ECS knows, whatever is said', () => {
    const line = logLine(
      {
        message: `a\nb${'x'.repeat(10_000)}`,
        'event.duration': 1_000,
        'error.code': 'internal',
        'error.message': 'y'.repeat(10_000),
        'trace.id': 'a'.repeat(32),
        'span.id': 'b'.repeat(16),
        'http.request.id': 'r',
        'http.response.status_code': 500,
        'url.path': '/v1/predict',
        'labels.model_name': 'm',
        'labels.model_version': '1.0.0',
        'labels.parent_span_id': 'b7ad6b7169203331',
      },
      AT,
    )
    expect(line).not.toContain('\n')
    expect(line.length).toBeLessThan(5_000)
    expect(faultsOf(line)).toEqual([])
  })
})

describe('what a request leaves in the log', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c'
  const HEADERS = {
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
    'user-agent': 'secret-agent',
    'cf-connecting-ip': '203.0.113.7',
    'x-request-id': 'mine',
  }

  it('a prediction, when it is drawn: its version and trace, and nothing of its sender or content', async () => {
    const { post, lines } = appWithLog({ LOG_SAMPLE: '1' })
    expect((await post('/v1/predict?features=false', JSON.stringify(EVENT), HEADERS)).status).toBe(200)
    await vi.waitFor(() => expect(lines()).not.toEqual([]))
    const all = lines()
    expect(all.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        'log.level': 'info',
        'event.dataset': 'nearcast.prediction',
        'event.outcome': 'success',
        'http.request.id': 'mine',
        'trace.id': TRACE,
        'span.id': expect.stringMatching(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/),
        'labels.parent_span_id': 'b7ad6b7169203331',
        'url.path': '/v1/predict',
        'labels.model_version': expect.any(String),
      }),
    ])
    expect(all.flatMap(faultsOf)).toEqual([])
    expect(all.join()).not.toMatch(/secret-agent|203\.0\.113|features=false|visitor-7|94107/)
  })

  it.each([
    ['in nanoseconds, where the clock moved until the answer was out', 2, { 'event.duration': 2_000_000 }],
    ['not at all, where it stood still', 0, {}],
  ])('how long a prediction took, %s', async (_, milliseconds, duration) => {
    const clock = new ManualClock(Date.UTC(2026, 10, 25))
    const { post, lines } = appWithLog({ LOG_SAMPLE: '1' }, 'trees', {
      clock,
      timers: {
        // The clock moves once, with the zero timer after the answer; no deadline passes.
        sleep: (pause) => (pause === 0 ? clock.advance(milliseconds - clock.now()) : new Promise(() => undefined)),
      },
    })
    await post('/v1/predict', JSON.stringify(EVENT))
    await vi.waitFor(() => expect(lines()).toHaveLength(1))
    const { 'event.duration': taken, ...line } = JSON.parse(lines()[0] as string)
    expect(line.message).toBe('predicted')
    expect(taken === undefined ? {} : { 'event.duration': taken }).toEqual(duration)
  })

  it('nothing of predictions where none is to be drawn', async () => {
    const { post, lines } = appWithLog({ LOG_SAMPLE: '0' })
    await post('/v1/predict', JSON.stringify(EVENT))
    expect(lines()).toEqual([])
  })

  it('nothing of what the caller did wrong', async () => {
    const { post, lines } = appWithLog({ LOG_SAMPLE: '0' })
    expect((await post('/v1/predict', '{"zipCode":"94107"}', HEADERS)).status).toBe(422)
    expect((await post('/v1/predict', '{', HEADERS)).status).toBe(400)
    expect(lines()).toEqual([])
  })

  it('a line for a prediction that failed by our fault, and none for its neighbours', async () => {
    const { post, lines } = appWithLog({ LOG_SAMPLE: '0' }, 'logarithm')
    const events = [1, -1, 2].map((cart_value) => ({ createdDateTime: 1731880381293, cart_value }))
    expect((await post('/v1/predict', JSON.stringify(events), HEADERS)).status).toBe(200)
    const all = lines()
    expect(all.flatMap(faultsOf)).toEqual([])
    expect(all.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ 'log.level': 'error', 'error.code': 'model_failed', 'trace.id': TRACE }),
    ])
  })
})
