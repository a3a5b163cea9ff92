/** A real Prometheus that scrapes one worker by the shipped configuration, with its API. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parse, stringify } from 'yaml'

/** What the API answers to a query: the series it found. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export interface Rule {
  readonly name: string
  readonly type: 'recording' | 'alerting'
  readonly query: string
  /** `ok` once it was evaluated without an error. */
  readonly health: string
  readonly lastError?: string
  readonly alerts?: readonly { readonly state: string; readonly annotations: Readonly<Record<string, string>> }[]
}

export interface RunningPrometheus {
  /** Rejects with what the server says when it cannot evaluate `expression`. */
  query(expression: string): Promise<readonly Found[]>
  rules(): Promise<readonly Rule[]>
  /** Of the one target, `up` when its last scrape could be read. */
  health(): Promise<{ readonly health: string; readonly lastError: string }>
  stop(): Promise<void>
}

export interface Scraped {
  /** `ops/prometheus`. */
  readonly from: string
  /** A folder of its own. */
  readonly folder: string
  readonly port: number
  readonly token: string
}

interface Config {
  global: Record<string, string>
  scrape_configs: { scheme: string; static_configs: { targets: string[] }[] }[]
}

const START_MILLISECONDS = 30_000

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** The shipped configuration with another target, and each second instead of each half minute. Returns its path. */
export const writeConfig = ({ from, folder, port, token }: Scraped): string => {
  const config = parse(readFileSync(join(from, 'prometheus.yaml'), 'utf8')) as Config
  const [scrape] = config.scrape_configs
  const [targets] = scrape?.static_configs ?? []
  if (scrape === undefined || targets === undefined) throw new Error('the shipped configuration scrapes nothing')
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' }
  scrape.scheme = 'http'
  targets.targets = [`127.0.0.1:${port}`]
  mkdirSync(folder, { recursive: true })
  for (const name of ['rules.yaml', 'alerts.yaml']) writeFileSync(join(folder, name), readFileSync(join(from, name)))
  writeFileSync(join(folder, 'nearcast-read-token'), token)
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(config))
  return join(folder, 'prometheus.yaml')
}

const stopped = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, 'exit')
  server.kill('SIGTERM')
  await gone
}

/** Waits until it is ready: a second or two. */
export const startPrometheus = async (config: string, folder: string): Promise<RunningPrometheus> => {
  const listen = `127.0.0.1:${await freePort()}`
  const server = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const url = `http://${listen}`
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(30_000) })
    const { data, error } = (await answer.json()) as { data?: T; error?: string }
    if (data === undefined) throw new Error(error ?? `${path}: ${answer.status}`)
    return data
  }
  const isReady = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => null)
    return answer?.ok === true
  }
  const until = Date.now() + START_MILLISECONDS
  while (!(await isReady())) {
    if (server.exitCode !== null || Date.now() > until) {
      await stopped(server)
      throw new Error('Prometheus did not start')
    }
    await pause(100)
  }
  return {
    async query(expression) {
      return (await get<{ result: readonly Found[] }>(`/api/v1/query?query=${encodeURIComponent(expression)}`)).result
    },
    async rules() {
      const { groups } = await get<{ groups: readonly { rules: readonly Rule[] }[] }>('/api/v1/rules')
      return groups.flatMap(({ rules }) => rules)
    },
    async health() {
      const { activeTargets } = await get<{ activeTargets: readonly { health: string; lastError: string }[] }>(
        '/api/v1/targets',
      )
      const [target] = activeTargets
      if (target === undefined) throw new Error('Prometheus has no target')
      return target
    },
    stop: () => stopped(server),
  }
}
