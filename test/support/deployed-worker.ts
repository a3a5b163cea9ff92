/** A deployed worker of two versions of the code, as the programs of a deployment see it over HTTP. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NEW, OLD } from './recorded-wrangler.ts'

export interface CodeOutcome {
  readonly events: number
  readonly failed: number
}

export interface DeployedWorker {
  readonly url: URL
  /** The version that answers whoever names none. */
  answers: string
  /** How events of the last minutes ended, asked for each time; `null`: the statistics cannot be read. */
  outcomes: () => Readonly<Record<string, CodeOutcome>> | null
  /** The status of the predictions of a version. */
  predictionStatus: (version: string) => number
  /** What the header that picks a version said, of each prediction. */
  readonly named: string[]
  stop(): Promise<void>
}

const OVERRIDE = /^nearcast-production="([^"]+)"$/

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

const PREDICTION = {
  features: { day_of_year: 322, day_of_week: 6, hour_of_day: 21 },
  outputs: { late_probability: 0.2 },
}

export const startDeployedWorker = async (readToken: string): Promise<DeployedWorker> => {
  const server = createServer((request, response) => {
    request.resume()
    const header = String(request.headers['cloudflare-workers-version-overrides'] ?? '')
    const version = OVERRIDE.exec(header)?.[1] ?? own.answers
    const path = (request.url ?? '').split('?')[0]
    const isReader = request.headers.authorization === `Bearer ${readToken}`
    if (path === '/v1/predict') {
      own.named.push(header)
      const status = own.predictionStatus(version)
      return send(response, status, status === 200 ? PREDICTION : { code: 'model_unavailable' })
    }
    if (path === '/metrics') {
      const line = `nearcast_build_info{version="0.1.0",code_version="${version}"} 1\n`
      return send(response, isReader ? 200 : 401, line)
    }
    if (path === '/v1/stats') {
      const code_outcomes = own.outcomes()
      const shards = { answered: code_outcomes === null ? 3 : 4, of: 4 }
      return send(response, isReader ? 200 : 401, { code_outcomes: code_outcomes ?? {}, shards })
    }
    return send(response, 200, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own: DeployedWorker = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    answers: OLD,
    outcomes: () => ({ [OLD]: { events: 1_000, failed: 0 }, [NEW]: { events: 200, failed: 0 } }),
    predictionStatus: () => 200,
    named: [],
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return own
}
