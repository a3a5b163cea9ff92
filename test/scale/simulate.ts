/**
 * Sends a made-up shop to a worker on the real local bindings with `nearcast simulate`, once to each bundled model and with outcomes, and fails
 * unless every request is answered as its fault says and delivery-days is calibrated by what is reported: `npx node test/scale/simulate.ts`.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deployedBundle } from '../../bench/bundle.ts'
import { ROOT } from '../../bench/root.ts'
import { createWorkerHost, SECRETS } from '../../bench/worker.ts'
import type { StatisticsAnswer } from '../../src/protocol/statistics.ts'

const RATE = 40
const SECONDS = 20
/** Statistics come to their objects a second after the answer, those of outcomes with it. */
const SETTLE_MILLISECONDS = 4_000

interface Summary {
  readonly sent: number
  readonly answered: Readonly<Record<string, number>>
  readonly unanswered: number
  readonly faults: Readonly<Record<string, number>>
  readonly outcomes: { readonly counted: number; readonly lost: number; readonly rejected: number }
}

const host = createWorkerHost()
const complaints: string[] = []

const simulate = async (origin: string, ...flags: string[]): Promise<Summary> => {
  const args = ['simulate', '--url', origin, '--rate', String(RATE), '--seconds', String(SECONDS), '--report-outcomes']
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'dist', 'nearcast.js'), ...args, '--no-time', '0.05', '--bad-json', '0.05', ...flags],
    { cwd: ROOT, env: { ...process.env, WRITE_TOKEN: SECRETS.WRITE_TOKEN } },
  )
  return JSON.parse(stdout) as Summary
}

const expect = (isSo: boolean, otherwise: string): void => {
  if (!isSo) complaints.push(otherwise)
}

const expectAnswers = (name: string, { sent, answered, unanswered, faults, outcomes }: Summary): void => {
  const [cut, timeless] = [faults['bad-json'] ?? 0, faults['no-time'] ?? 0]
  const told = JSON.stringify({ answered, unanswered, faults, outcomes })
  expect(sent > RATE * SECONDS * 0.8 && cut > 0 && timeless > 0, `${name}: too little was sent: ${told}`)
  expect(unanswered === 0 && answered['400'] === cut && answered['422'] === timeless, `${name}: ${told}`)
  expect(answered['200'] === sent - cut - timeless, `${name}: ${told}`)
  expect(outcomes.lost === 0 && outcomes.rejected === 0 && outcomes.counted > sent / 2, `${name}: ${told}`)
}

await host.seed(JSON.parse(readFileSync(join(ROOT, 'kv-seed', 'zips.json'), 'utf8')))
const worker = await host.start(deployedBundle(), 'product', { takeLog: () => undefined })
try {
  const origin = `http://127.0.0.1:${worker.port}`
  expectAnswers('late-arrival', await simulate(origin))
  expectAnswers('delivery-days', await simulate(origin, '--model', 'delivery-days', '--seed', '2'))
  await new Promise((wake) => setTimeout(wake, SETTLE_MILLISECONDS))
  const { models } = (await (await fetch(`${origin}/v1/stats?window=5m`)).json()) as StatisticsAnswer
  const days = models['delivery-days']?.versions['1.0.0']?.accuracy?.delivery_days
  if (days?.kind !== 'distribution' || days.p90 === null)
    complaints.push('nothing is known of how right delivery-days is')
  else {
    expect(
      Math.abs(days.p90.share - days.p90.expected) < 0.04,
      `p90 held for ${days.p90.share}, not ${days.p90.expected}`,
    )
    console.log(
      `delivery-days: ${days.outcomes} outcomes, p90 held for ${days.p90.share.toFixed(3)} of them, ${days.p90.expected.toFixed(3)} foretold`,
    )
  }
} finally {
  await worker.stop()
  host.remove()
}
for (const complaint of complaints) console.error(complaint)
console.log(
  complaints.length === 0 ? 'every request was answered as its fault says' : `${complaints.length} complaints`,
)
process.exitCode = complaints.length === 0 ? 0 : 1
