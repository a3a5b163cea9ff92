/**
 * Holds /metrics and ops/prometheus against the real thing: promtool reads the metrics, the rules and their tests, and a Prometheus scrapes a
 * running worker and evaluates every rule and every panel of ops/grafana. `npx node test/live/prometheus.ts` wants `prometheus` and `promtool` on the path: .ci/prometheus.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from '../../bench/root.ts'
import { SECRETS } from '../../bench/worker.ts'
import { startFuzzedWorker } from '../fuzz/http-worker.ts'
import { check, endChecks } from '../support/checks.ts'
import { type RunningPrometheus, startPrometheus, writeConfig } from './prometheus.server.ts'

const OPS = join(ROOT, 'ops', 'prometheus')
const GRAFANA = join(ROOT, 'ops', 'grafana')
/** Enough scrapes for every rate, and enough evaluations for rules that ask for what other rules say. */
const SECONDS = 12
const WAIT_MILLISECONDS = 60_000

/** Throws with what promtool says, also when it only warns. */
const promtool = (parameters: readonly string[], input = ''): void => {
  const { status, stdout, stderr, error } = spawnSync('promtool', parameters, { cwd: OPS, input, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0 || stderr !== '') throw new Error(`${stdout}${stderr}`.trim())
}

/** Each request is timed, and none fails since the machine is busy. */
const VARIABLES = {
  PUBLIC_STATS: 'false',
  LATENCY_SAMPLE: '1',
  PREDICT_DEADLINE_MILLISECONDS: '30000',
  ZIP_DEADLINE_MILLISECONDS: '30000',
}

const EVENT = { createdDateTime: Date.now(), zipCode: '94107' }

/** Events of several kinds, each second: most are good, one has no time, one in forty a zip that nobody knows. */
const sendFor = async (origin: string, seconds: number): Promise<void> => {
  const events = Array.from({ length: 40 }, (_, i) => (i === 0 ? { ...EVENT, zipCode: '00000' } : EVENT))
  const post = async (path: string, body: string): Promise<void> => {
    const answer = await fetch(`${origin}${path}`, { method: 'POST', body })
    await answer.arrayBuffer()
    if (answer.status >= 500) throw new Error(`${path} answered ${answer.status}`)
  }
  for (let second = 0; second < seconds; second++) {
    await post('/v1/predict', JSON.stringify([...events, { zipCode: '94107' }]))
    for (let one = 0; one < 10; one++) await post('/v1/predict', JSON.stringify(EVENT))
    const timings = [{ route: '/v1/predict', milliseconds: 80 + second }]
    await post('/v1/events', JSON.stringify({ events: [{ ...EVENT, event_id: `prometheus-${second}` }], timings }))
    await pause(1_000)
  }
}

const metricsOf = async (origin: string): Promise<string> => {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${SECRETS.READ_TOKEN}` } })
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${await answer.text()}`)
  return answer.text()
}

/** Until `find` finds something: rules are evaluated each second. */
const waitFor = async <T>(what: string, find: () => Promise<T | undefined>): Promise<T> => {
  const until = Date.now() + WAIT_MILLISECONDS
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > until) throw new Error(`${what}: not within ${WAIT_MILLISECONDS / 1_000} s`)
    await pause(500)
  }
}

const checkRules = async (prometheus: RunningPrometheus): Promise<void> => {
  const rules = await prometheus.rules()
  for (const { name, type, query } of rules) {
    await check(`${type} ${name}: ${query.length > 60 ? `${query.slice(0, 57)}…` : query}`, async () => {
      if (type === 'alerting') return prometheus.query(query)
      const found = await waitFor('no data', async () => {
        const series = await prometheus.query(query)
        return series.length > 0 && series.every(({ value }) => value[1] !== 'NaN') ? series : undefined
      })
      return found
    })
  }
  await check('every rule is evaluated without an error', async () => {
    const all = await waitFor('not evaluated', async () => {
      const now = await prometheus.rules()
      return now.every(({ health }) => health !== 'unknown') ? now : undefined
    })
    const wrong = all.flatMap(({ name, health, lastError = '' }) => (health === 'ok' ? [] : [`${name}: ${lastError}`]))
    if (all.length === 0 || wrong.length > 0) throw new Error(wrong.join('; ') || 'there are no rules')
  })
  await check('no alert rings at a worker that is well', async () => {
    let ringing: readonly string[] = []
    const isQuiet = async (): Promise<true | undefined> => {
      // How fast this machine is shows nothing of the rules.
      const all = (await prometheus.rules()).filter(({ name }) => name !== 'NearcastSlow')
      ringing = all.flatMap(({ name, alerts = [] }) =>
        alerts.map(({ state, annotations }) => `${name} is ${state}: ${annotations.summary}`),
      )
      return ringing.length === 0 ? true : undefined
    }
    await waitFor('quiet', isQuiet).catch(() => {
      throw new Error(ringing.join('; '))
    })
  })
}

/** Panels of what does not happen while a worker is well, and of what is counted by no series until it does. */
const QUIET_PANELS: ReadonlySet<string> = new Set([
  // Every event of this run is answered or rejected.
  'Failures by version',
  // The limit of requests holds.
  'Requests that passed uncounted',
])

interface Dashboard {
  readonly title: string
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[]
}

const checkDashboards = async (prometheus: RunningPrometheus): Promise<void> => {
  for (const file of readdirSync(GRAFANA)) {
    const { title, panels } = JSON.parse(readFileSync(join(GRAFANA, file), 'utf8')) as Dashboard
    for (const panel of panels) {
      for (const { expr } of panel.targets) {
        const query = expr.replaceAll('$job', 'nearcast')
        await check(`${title}, ${panel.title}: ${query.length > 60 ? `${query.slice(0, 57)}…` : query}`, async () => {
          if (QUIET_PANELS.has(panel.title)) return prometheus.query(query)
          return waitFor('no data', async () => {
            const series = await prometheus.query(query)
            return series.some(({ value }) => value[1] !== 'NaN') ? series : undefined
          })
        })
      }
    }
  }
}

const checkLive = async (folder: string): Promise<void> => {
  const { origin, worker, stop } = await startFuzzedWorker(VARIABLES)
  let prometheus: RunningPrometheus | undefined
  try {
    await sendFor(origin, 2)
    await check('promtool check metrics', async () => promtool(['check', 'metrics'], await metricsOf(origin)))
    const config = writeConfig({ from: OPS, folder, port: worker.port, token: SECRETS.READ_TOKEN })
    await check('promtool check config', () => promtool(['check', 'config', config]))
    prometheus = await startPrometheus(config, folder)
    const running = prometheus
    await sendFor(origin, SECONDS)
    await check('a real Prometheus scrapes the worker', async () => {
      const { health, lastError } = await running.health()
      if (health !== 'up') throw new Error(`the target is ${health}: ${lastError}`)
      const [sample] = await running.query('sum(nearcast_predictions_total{outcome="ok"})')
      // Two batches of 40 and 20 single events were counted before it was started.
      if (!(Number(sample?.value[1]) >= 100)) throw new Error(`it holds ${sample?.value[1]} predictions`)
    })
    await checkRules(running)
    await checkDashboards(running)
  } finally {
    await prometheus?.stop()
    await stop()
  }
}

await check('promtool check rules', () => promtool(['check', 'rules', 'rules.yaml', 'alerts.yaml']))
for (const file of readdirSync(OPS).filter((name) => name.endsWith('.test.yaml'))) {
  await check(`promtool test rules ${file}`, () => promtool(['test', 'rules', file]))
}
const folder = mkdtempSync(join(tmpdir(), 'nearcast-prometheus-'))
try {
  await checkLive(folder)
} catch (error) {
  await check('a worker and a Prometheus run', () => Promise.reject(error))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
endChecks('prometheus')
