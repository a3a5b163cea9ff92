/**
 * Deploys the code as it lies here to everybody at once: staging, the first deployment, and releases that change stored state.
 * `node ops/deploy/at-once.ts --env staging [--url URL]`; READ_TOKEN is read from the environment. Where there is no way back, production wants
 * `--no-way-back`. Exit code 0: it is deployed and smoke is clean; 1: refused, or smoke is not; 3: a rollback failed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { installedWrangler } from '../../src/cli/deploy/wrangler.ts'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { buildTag, finish, ownState, readAddress, readReady, readVariable } from './setting.ts'
import { readState, stateMessage, whyNotGradual } from './state.ts'
import { deployAtOnce, deployedShares, messageOf, rollBack } from './versions.ts'
import { workerView } from './worker.ts'

const POLL_MILLISECONDS = 5_000

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', default: 'staging' },
      url: { type: 'string' },
      config: { type: 'string' },
      'spread-seconds': { type: 'string', default: '60' },
      'no-way-back': { type: 'boolean', default: false },
    },
  })
  const environment = values.env
  const wrangler = installedWrangler()
  const wanted = await readReady(environment, values.config)
  const readToken = readVariable('READ_TOKEN')
  const state = await ownState(wanted)
  const shares = await deployedShares(wrangler, environment)
  const before = shares?.length === 1 ? shares[0]?.version : undefined
  if (shares !== null && before === undefined)
    throw new RefusedError('a rollout is under way or was left; roll it back')
  const changed =
    before === undefined ? null : whyNotGradual(readState(await messageOf(wrangler, environment, before)), state)
  if (changed !== null && environment === 'production' && !values['no-way-back']) {
    throw new RefusedError(`${changed}. There is no way back to ${before}; where that is meant, give --no-way-back`)
  }
  if (changed !== null) console.log(`no way back to ${before}: ${changed}`)
  const { version, urls } = await deployAtOnce(wrangler, environment, { tag: buildTag(), message: stateMessage(state) })
  const url = readAddress(values.url ?? urls[0], '--url')
  console.log(`${version} has all traffic at ${url.href}`)
  const worker = workerView({ url, worker: wanted.worker, readToken, probes: 0 })
  const until = performance.now() + Number(values['spread-seconds']) * 1_000
  let complaints = await worker.smoke(version, true)
  while (complaints.length > 0 && performance.now() < until) {
    await sleep(POLL_MILLISECONDS)
    complaints = await worker.smoke(version, true)
  }
  if (complaints.length === 0) {
    console.log('smoke is clean')
    return 0
  }
  console.error(`smoke: ${complaints.join('; ')}`)
  if (before === undefined || changed !== null) {
    console.error('there is no version to go back to: mend it and deploy again')
    return 1
  }
  return (await rollBack(wrangler, environment, before, 'smoke failed', console.error)) ? 1 : 3
}

finish(run())
