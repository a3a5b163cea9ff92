/**
 * Looks at the beacon with a real Chromium: pages of another origin, left, hidden, offline, strict, with a worker behind a proxy that writes
 * down what arrives. `node test/browser/beacon.ts` wants Debian's `chromium`: .ci/browser. `--only WORDS` runs the checks whose name has them.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { check, endChecks } from '../support/checks.ts'
import { startRecordingProxy } from '../support/recording-proxy.ts'
import { answerChecks } from './beacon-answers.ts'
import { deliveryChecks } from './beacon-delivery.ts'
import { leavingAndTabChecks } from './beacon-leaving.ts'
import { pageChecks } from './beacon-page.ts'
import { privacyChecks } from './beacon-privacy.ts'
import type { Stage } from './beacon-stage.ts'
import { serveWorker } from './served-worker.ts'
import { openShop } from './shop.ts'

const only = process.argv[2] === '--only' ? (process.argv[3] ?? '') : ''

const MOST_MILLISECONDS = 180_000
const tooLate = async (): Promise<never> => {
  await pause(MOST_MILLISECONDS, undefined, { ref: false })
  throw new Error(`no end after ${MOST_MILLISECONDS} ms`)
}

const served = await serveWorker({
  LATENCY_SAMPLE: '1',
  BEACON_PATH: '/assets/shop.js',
  // A machine that is busy with a browser is no edge.
  PREDICT_DEADLINE_MILLISECONDS: '30000',
  ZIP_DEADLINE_MILLISECONDS: '30000',
})
const proxy = await startRecordingProxy(served.origin)
const shop = await openShop(proxy.origin)
const stage: Stage = {
  shop,
  proxy,
  async check(name, run) {
    if (!name.includes(only)) return
    proxy.behave(() => 'pass')
    proxy.requests.length = 0
    await check(name, () => Promise.race([run(), tooLate()]))
  },
}
try {
  await pageChecks(stage)
  await answerChecks(stage)
  await privacyChecks(stage)
  await leavingAndTabChecks(stage, served.origin)
  await deliveryChecks(stage, served.origin)
} finally {
  await shop.close()
  proxy.close()
  await served.remove()
}
endChecks('browser')
