/** `nearcast deploy check --live` on a server that answers as a deployment does. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type LiveReport, measureLive, quantilesOf } from '../../../src/cli/deploy/live.ts'
import { liveText } from '../../../src/cli/deploy/live-text.ts'

const servers: (() => void)[] = []
afterEach(() => {
  for (const stop of servers.splice(0)) stop()
})

type Answer = (request: IncomingMessage, response: ServerResponse, body: string, number: number) => void

const serve = async (answer: Answer): Promise<URL> => {
  let number = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => answer(request, response, body, number++))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(() => server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const NOW = () => Date.UTC(2026, 10, 25)

describe('quantiles', () => {
  it('are of the nearest rank, and null of nothing', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(quantilesOf(hundred)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, maximum: 100 })
    expect(quantilesOf([])).toEqual({ count: 0, p50: null, p90: null, p99: null, maximum: null })
  })
})

describe('a deployment whose clock stands still', () => {
  const measured = async (): Promise<{ report: LiveReport; zips: string[] }> => {
    const zips: string[] = []
    let asked = 0
    const url = await serve((request, response, body) => {
      if (request.url?.startsWith('/v1/stats')) {
        const lookups = asked++ === 0 ? { memory: 10 } : { memory: 13, kv: 3 }
        const latency = { count: 1, unknown: 3 }
        const models = { 'late-arrival': { versions: { '1.0.0': { latency } } } }
        return send(response, request.headers.authorization === 'Bearer read' ? 200 : 401, {
          zip_lookups: lookups,
          zip_reads: {},
          models,
        })
      }
      zips.push((JSON.parse(body) as { zipCode: string }).zipCode)
      const warnings = zips.length === 1 ? ['release_unknown', 'zip_store_timeout'] : []
      return send(response, 200, { imputed: [], warnings }, { 'server-timing': 'parse, zip, infer' })
    })
    const report = await measureLive({
      url,
      readToken: 'read',
      zips: ['94107', '10001', '60601'],
      settleMilliseconds: 0,
      now: NOW,
    })
    return { report, zips }
  }

  it('is asked for every prefix twice, in order', async () => {
    const { report, zips } = await measured()
    expect(zips).toEqual(['94107', '10001', '60601', '94107', '10001', '60601'])
    expect(report.requests).toBe(6)
    expect(report.zip_store.first_read_milliseconds.count).toBe(3)
    expect(report.zip_store.again_milliseconds.count).toBe(3)
  })

  it('shows stages without durations, and the share that is unknown', async () => {
    const { report } = await measured()
    expect(report.clock).toEqual({
      answers_with_server_timing: 6,
      answers_with_a_duration: 0,
      unknown_duration_share: 0.75,
    })
  })

  it('shows what was counted meanwhile, and cold isolates', async () => {
    const { report } = await measured()
    expect(report.zip_store.lookups).toEqual({ memory: 3, kv: 3 })
    expect(report.zip_store.flagged).toEqual({ release_unknown: 1, zip_store_timeout: 1 })
    expect(report.start.answers_of_cold_isolates).toBe(1)
    expect(report.failures).toEqual({})
  })

  it('says what cannot be seen', async () => {
    const { report } = await measured()
    expect(report.memory).toMatchObject({ bytes: null, answers_that_failed: 0 })
    expect(liveText(report)).toContain('memory                                  not visible from outside')
  })
})

describe('a deployment that fails', () => {
  it('has its failures counted by status, and no statistics made up', async () => {
    const url = await serve((_request, response, _body, number) =>
      number % 2 === 0 ? send(response, 503, {}) : send(response, 200, { imputed: [], warnings: [] }),
    )
    const report = await measureLive({
      url,
      readToken: undefined,
      zips: ['94107', '10001'],
      settleMilliseconds: 0,
      now: NOW,
    })
    expect(report.failures).toEqual({ 503: 2 })
    expect(report.memory.answers_that_failed).toBe(2)
    expect(report.zip_store).toMatchObject({ lookups: null, reads: null })
    expect(report.clock.unknown_duration_share).toBeNull()
    expect(liveText(report)).toContain('not told: set READ_TOKEN or give --read-token')
  })
})
