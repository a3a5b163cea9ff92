/** Traffic for a page to show, made by `nearcast simulate`: predictions, failures, outcomes; and accepted events. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../bench/root.ts'

const COMMAND = join(ROOT, 'dist', 'nearcast.js')
/** Much of it is wrong, so that every chart has something to draw. */
const FAULTS = ['--no-time', '0.1', '--no-zip', '0.2', '--bad-json', '0.05']
const RATE = 20

interface Summary {
  readonly answered: Readonly<Record<string, number>>
  readonly unanswered: number
}

/** Runs of one page are not the same, nor are their event ids. */
let seed = 0

const simulate = async (origin: string, seconds: number, flags: readonly string[], token = ''): Promise<void> => {
  const args = ['simulate', '--url', origin, '--rate', String(RATE), '--seconds', String(seconds)]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [COMMAND, ...args, '--seed', String(++seed), '--deadline', '30', ...FAULTS, ...flags],
    { cwd: ROOT, env: { ...process.env, WRITE_TOKEN: token } },
  )
  const { answered, unanswered } = JSON.parse(stdout) as Summary
  const failed = Object.keys(answered).filter((status) => Number(status) >= 500)
  if (unanswered > 0 || failed.length > 0) throw new Error(`the worker answered ${stdout}`)
}

const accept = async (origin: string): Promise<void> => {
  const event = { createdDateTime: 'now', zipCode: '94107', event_id: crypto.randomUUID() }
  const answer = await fetch(`${origin}/v1/events`, { method: 'POST', body: JSON.stringify(event) })
  if (answer.status !== 202) throw new Error(`/v1/events answered ${answer.status}`)
}

/** Predictions, failures and an accepted event, for so many seconds. */
export const sendFor = async (origin: string, seconds: number): Promise<void> => {
  await Promise.all([simulate(origin, seconds, []), simulate(origin, seconds, ['--model', 'delivery-days'])])
  await accept(origin)
}

export const sendOnce = (origin: string): Promise<void> => sendFor(origin, 1)

/** What happened to predictions, for the accuracy of both models. */
export const reportOutcomes = async (origin: string, token: string): Promise<void> => {
  await simulate(origin, 3, ['--report-outcomes'], token)
  await simulate(origin, 3, ['--report-outcomes', '--model', 'delivery-days'], token)
}
