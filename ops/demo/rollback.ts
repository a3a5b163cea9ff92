/**
 * Shows a bad version being noticed and taken out: publish, shadow, canary, rollback, on a worker that serves traffic all the while.
 * `npm run demo:rollback [-- --url URL]`; a worker is started when none answers there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { clientOf, type Deployment } from '../../src/cli/release/admin-client.ts'
import { DEFAULT_URL } from '../../src/cli/release/deployment.ts'
import type { ReleaseChanged, ReleaseCommandBody, ReleaseHistory } from '../../src/protocol/admin.ts'
import type { Manifest } from '../../src/protocol/manifest.ts'
import { flawedVersion } from './flawed-version.ts'
import { Traffic } from './traffic.ts'
import { findWorker } from './worker.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const MODEL = 'late-arrival'
const SOUND = '1.0.0'
const SHARE = 0.05
/** Seattle, Portland, Minneapolis: north of every golden row. */
const FLAW = { field: 'latitude', above: 44 }
const SHADOW_MILLISECONDS = 4_000
/** The canary is given up on after this: then the demo has failed. */
const PATIENCE_MILLISECONDS = 45_000
/** Traffic that goes on behind the rollback, to see that nothing fails any more. */
const AFTER_MILLISECONDS = 4_000

const start = performance.now()
const say = (text: string): void =>
  console.log(`${((performance.now() - start) / 1_000).toFixed(1).padStart(5)} s  ${text}`)

const publish = async (deployment: Deployment, version: string): Promise<void> => {
  const folder = join(ROOT, 'model', MODEL, SOUND)
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  const flawed = flawedVersion({ manifest, model: readFileSync(join(folder, 'model.onnx')) }, version, FLAW)
  const form = new FormData()
  form.append('manifest', new Blob([JSON.stringify(flawed.manifest)]), 'manifest.json')
  form.append('model', new Blob([new Uint8Array(flawed.model)]), 'model.onnx')
  const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as object
  form.append('reference', new Blob([JSON.stringify({ ...reference, version })]), 'reference.json')
  form.append('by', 'demo')
  await clientOf(deployment).post('/admin/models/{model}/versions', { path: { model: MODEL }, body: form })
}

const command = (deployment: Deployment, body: ReleaseCommandBody): Promise<ReleaseChanged> =>
  clientOf(deployment).post('/admin/models/{model}/release', { path: { model: MODEL }, body: { ...body, by: 'demo' } })

const read = (deployment: Deployment): Promise<ReleaseHistory> =>
  clientOf(deployment).get('/admin/models/{model}/release', { path: { model: MODEL }, query: { limit: 1 } })

/** The history's newest entry once the canary is gone. Throws when it is still there after all that patience. */
const rolledBack = async (deployment: Deployment): Promise<ReleaseHistory['history'][number]> => {
  const until = performance.now() + PATIENCE_MILLISECONDS
  while (performance.now() < until) {
    const { release, history } = await read(deployment)
    const [change] = history
    if (release.canary === null && change !== undefined) return change
    await sleep(250)
  }
  throw new Error(`the canary was not rolled back within ${PATIENCE_MILLISECONDS / 1_000} s`)
}

const demonstrate = async (deployment: Deployment): Promise<boolean> => {
  const version = `1.1.0-demo.${Date.now()}`
  const traffic = new Traffic(deployment.url)
  try {
    traffic.start()
    await publish(deployment, version)
    say(`published ${MODEL} ${version}, which passes every check and fails north of ${FLAW.above}° N`)
    await command(deployment, { command: 'shadow', version })
    say('it runs as shadow: after the answers, seen by nobody')
    await sleep(SHADOW_MILLISECONDS)
    const { release } = await command(deployment, { command: 'canary', version, share: SHARE })
    say(`it answers ${SHARE * 100} % of the visitors, revision ${release.revision}`)
    traffic.mark()
    const change = await rolledBack(deployment)
    const detected = traffic.seen
    say(`rolled back by ${change.by.kind} ${change.by.name}, revision ${change.revision}: ${change.reason}`)
    await sleep(AFTER_MILLISECONDS)
    const { seen } = traffic
    say(
      `from the first failure to the rollback: ${detected.eventsSinceFailure} events, ${detected.failed} of them failed, for ${detected.visitors} visitors; ` +
        `after it: ${seen.failed - detected.failed} failed while isolates heard of it, ${traffic.failedLately} in the last two seconds`,
    )
    say(`requests that got no answer: ${seen.unanswered} of ${seen.requests}`)
    return change.by.kind === 'rule' && seen.unanswered === 0 && traffic.failedLately === 0
  } finally {
    await traffic.stop()
  }
}

const { values } = parseArgs({ options: { url: { type: 'string', default: DEFAULT_URL } } })
const { deployment, stop } = await findWorker(values.url, ROOT)
try {
  process.exitCode = (await demonstrate(deployment)) ? 0 : 1
} finally {
  await stop()
}
