// Starts the worker as a newcomer does and asks for the README's first prediction; exits 1 unless the right one comes.
//   node .ci/first-prediction.mjs start   npm start: seeded, so the answer is not flagged
//   node .ci/first-prediction.mjs dev     plain wrangler dev with an empty KV: flagged, and the log says how to seed
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const state = mkdtempSync(join(tmpdir(), 'nearcast-first-'))
const MODES = {
  start: {
    port: 8790,
    command: ['npm', 'start', '--', '--port', '8790'],
    right: ({ imputed, warnings }) => imputed.length === 0 && warnings.length === 0,
    logged: () => true,
  },
  dev: {
    port: 8791,
    command: ['npx', 'wrangler', 'dev', '--port', '8791', '--persist-to', state],
    right: ({ imputed, warnings }) => imputed.includes('latitude') && warnings.includes('zip_store_unseeded'),
    logged: (log) => log.includes('Seed it: npm start does'),
  },
}
const mode = MODES[process.argv[2]]
if (mode === undefined) throw new Error(`say which: ${Object.keys(MODES).join(' or ')}`)

const origin = `http://127.0.0.1:${mode.port}`
const [file, ...args] = mode.command
const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
let log = ''
for (const stream of [child.stdout, child.stderr]) {
  stream.on('data', (chunk) => {
    log += chunk
  })
}

const ready = async () => {
  for (let attempt = 0; attempt < 180; attempt++) {
    const response = await fetch(`${origin}/readyz`).catch(() => undefined)
    if (response?.status === 200) return
    await sleep(500)
  }
  throw new Error('not ready after 90 seconds')
}

const check = async () => {
  await ready()
  const body = '{"createdDateTime":1731880381293,"zipCode":"94107"}'
  const response = await fetch(`${origin}/v1/predict`, { method: 'POST', body })
  const answer = await response.json()
  console.log(response.status, JSON.stringify(answer))
  await sleep(1_000)
  const { features, outputs } = answer
  const calendar = [features.day_of_year, features.day_of_week, features.hour_of_day].join('/')
  const probability = outputs.late_probability
  return calendar === '322/6/21' && probability > 0 && probability < 1 && mode.right(answer) && mode.logged(log)
}

let good = false
try {
  good = await check()
} catch (error) {
  console.error(error)
} finally {
  process.kill(-child.pid, 'SIGTERM')
  await Promise.race([new Promise((resolve) => child.once('exit', resolve)), sleep(5_000)])
  rmSync(state, { recursive: true, force: true })
}
if (!good) console.error(log)
process.exit(good ? 0 : 1)
