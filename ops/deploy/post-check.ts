/** Looks at production once more behind a deployment: smoke, and the share of failed events. `node ops/deploy/post-check.ts --env production --url URL`. */
import { parseArgs } from 'node:util'
import { installedWrangler } from '../../src/cli/deploy/wrangler.ts'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { DEFAULT_SETTINGS, leastShare, shareOf } from './judge.ts'
import { finish, readAddress, readReady, readVariable } from './setting.ts'
import { deployedShares } from './versions.ts'
import { workerView } from './worker.ts'

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', default: 'production' },
      url: { type: 'string' },
      config: { type: 'string' },
    },
  })
  const url = readAddress(values.url, '--url')
  const { worker: name } = await readReady(values.env, values.config)
  const shares = await deployedShares(installedWrangler(), values.env)
  const [only] = shares ?? []
  if (only === undefined || shares?.length !== 1) throw new RefusedError('not exactly one version is deployed')
  const worker = workerView({ url, worker: name, readToken: readVariable('READ_TOKEN'), probes: 0 })
  const complaints = await worker.smoke(only.version, true)
  const outcome = (await worker.outcomes())?.[only.version]
  if (outcome === undefined) throw new RefusedError('the statistics do not tell of it yet')
  console.log(`${only.version}: ${outcome.failed} of ${outcome.events} events failed in the last 5 minutes`)
  if (leastShare(outcome) > DEFAULT_SETTINGS.budget) complaints.push(`${(shareOf(outcome) * 100).toFixed(2)} % failed`)
  for (const complaint of complaints) console.error(complaint)
  return complaints.length === 0 ? 0 : 1
}

finish(run())
