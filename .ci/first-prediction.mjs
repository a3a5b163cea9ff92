// Starts the worker as a newcomer does and asks for the README's first prediction; exits 1 unless it comes, unflagged.
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const port = 8790
const origin = `http://127.0.0.1:${port}`
const child = spawn('npm', ['start', '--', '--port', String(port)], {
  detached: true,
  stdio: ['ignore', 'pipe', 'pipe'],
})
let log = ''
for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))

const ready = async () => {
  for (let attempt = 0; attempt < 180; attempt++) {
    const response = await fetch(`${origin}/readyz`).catch(() => undefined)
    if (response?.status === 200) return
    await sleep(500)
  }
  throw new Error(`not ready after 90 seconds:\n${log}`)
}

const check = async () => {
  await ready()
  const response = await fetch(`${origin}/v1/predict`, {
    method: 'POST',
    body: '{"createdDateTime":1731880381293,"zipCode":"94107"}',
  })
  const answer = await response.json()
  console.log(response.status, JSON.stringify(answer))
  const { features, outputs, imputed, warnings } = answer
  const calendar = [features.day_of_year, features.day_of_week, features.hour_of_day].join('/')
  const probability = outputs.late_probability
  return (
    response.status === 200 &&
    calendar === '322/6/21' &&
    probability > 0 &&
    probability < 1 &&
    imputed.length === 0 &&
    !warnings.some((warning) => warning.startsWith('zip'))
  )
}

let good = false
try {
  good = await check()
} catch (error) {
  console.error(error)
} finally {
  process.kill(-child.pid, 'SIGTERM')
  await Promise.race([new Promise((resolve) => child.once('exit', resolve)), sleep(5_000)])
}
if (!good) console.error(log)
process.exit(good ? 0 : 1)
