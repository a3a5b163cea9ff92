/**
 * A gradual rollout between two real workers: a splitter sends each request to one of them, as Cloudflare does by share and by the header that picks
 * a version; wrangler is recorded. A sound version must get all traffic; one whose model fails for a part of the events must be rolled back at 10 %.
 * `npx node test/live/rollout.ts`, a minute. The last line is `rollout: N passed, N failed`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from '../../bench/root.ts'
import { SECRETS } from '../../bench/worker.ts'
import { flawedVersion } from '../../ops/demo/flawed-version.ts'
import { DEFAULT_SETTINGS } from '../../ops/deploy/judge.ts'
import { type RolloutEnd, rollOut } from '../../ops/deploy/rollout.ts'
import { stateMessage, stateOf } from '../../ops/deploy/state.ts'
import { answeredBy, workerView } from '../../ops/deploy/worker.ts'
import { installedWrangler } from '../../src/cli/deploy/wrangler.ts'
import { clientOf } from '../../src/cli/release/admin-client.ts'
import type { Manifest } from '../../src/protocol/manifest.ts'
import { type FuzzedWorker, startFuzzedWorker } from '../fuzz/http-worker.ts'
import { check, endChecks } from '../support/checks.ts'
import { RecordedWrangler } from '../support/recorded-wrangler.ts'
import { startSplitter } from './rollout.splitter.ts'

const MODEL = 'late-arrival'
const STATE = stateOf('v4', [], [[['CREATE TABLE a']]])
/** San Francisco, and Seattle, which the flawed model fails for. */
const ZIPS = ['94107', '98101'] as const
const EVENTS = Array.from({ length: 20 }, (_, index) => ({
  createdDateTime: 1731880381293,
  zipCode: ZIPS[index % ZIPS.length],
}))

const versionOf = async ({ origin }: FuzzedWorker): Promise<string> => {
  const headers = { authorization: `Bearer ${SECRETS.READ_TOKEN}` }
  const version = answeredBy(await (await fetch(`${origin}/metrics`, { headers })).text())
  if (version === null) throw new Error('the worker does not say its version')
  return version
}

/** Publishes a model that fails north of 44° and makes it the stable one of that worker. */
const spoil = async ({ origin }: FuzzedWorker): Promise<void> => {
  const client = clientOf({ url: new URL(origin), token: SECRETS.ADMIN_TOKEN })
  const folder = join(ROOT, 'model', MODEL, '1.0.0')
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  const sound = { manifest, model: readFileSync(join(folder, 'model.onnx')) }
  const flawed = flawedVersion(sound, '1.1.0', { field: 'latitude', above: 44 })
  const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as object
  const form = new FormData()
  form.append('manifest', new Blob([JSON.stringify(flawed.manifest)]), 'manifest.json')
  form.append('model', new Blob([new Uint8Array(flawed.model)]), 'model.onnx')
  form.append('reference', new Blob([JSON.stringify({ ...reference, version: '1.1.0' })]), 'reference.json')
  const path = { model: MODEL }
  await client.post('/admin/models/{model}/versions', { path, body: form })
  await client.post('/admin/models/{model}/release', {
    path,
    body: { command: 'switch', version: '1.1.0', by: 'test' },
  })
}

/** Visitors that come until `isOver`. */
const visit = async (url: URL, isOver: () => boolean): Promise<void> => {
  while (!isOver()) {
    const response = await fetch(new URL('/v1/predict', url), { method: 'POST', body: JSON.stringify(EVENTS) })
    await response.arrayBuffer()
    await pause(20)
  }
}

const deployed = (version: string): string => JSON.stringify({ versions: [{ version_id: version, percentage: 100 }] })

const rollBetween = async (old: FuzzedWorker, fresh: FuzzedWorker): Promise<RolloutEnd> => {
  const [before, version] = [await versionOf(old), await versionOf(fresh)]
  if (before === version) throw new Error('both workers say the same version')
  const wrangler = new RecordedWrangler({
    'deployments status': [{ stdout: deployed(before) }],
    'versions view': [{ stdout: JSON.stringify({ annotations: { 'workers/message': stateMessage(STATE) } }) }],
    'versions upload': [{ output: `${JSON.stringify({ type: 'version-upload', version_id: version })}\n` }],
    'versions deploy': [{}],
    'triggers deploy': [{}],
    rollback: [{}],
  })
  const share = (): number => {
    const call = wrangler.calls.findLast((line) => line.startsWith('versions deploy'))
    return Number(call?.match(/@(\d+)%/)?.[1] ?? 0)
  }
  const splitter = await startSplitter({ [before]: old.origin, [version]: fresh.origin }, { before, version, share })
  let isOver = false
  const visitors = visit(splitter.url, () => isOver)
  try {
    return await rollOut(
      {
        wrangler: installedWrangler(),
        worker: workerView({
          url: splitter.url,
          worker: 'nearcast-production',
          readToken: SECRETS.READ_TOKEN,
          probes: 5,
        }),
        now: () => performance.now(),
        pause: (milliseconds) => pause(milliseconds),
        say: (text) => console.log(`     ${text}`),
        remember: () => undefined,
      },
      {
        environment: 'production',
        tag: 'v0.0.0-rollout',
        state: STATE,
        steps: [10, 50, 100],
        pollMilliseconds: 1_000,
        spreadMilliseconds: 5_000,
        settings: { ...DEFAULT_SETTINGS, bakeMilliseconds: 4_000, patienceMilliseconds: 30_000 },
      },
    )
  } finally {
    isOver = true
    await visitors
    await splitter.stop()
    wrangler.remove()
  }
}

const checkBetween = (name: string, run: (old: FuzzedWorker, fresh: FuzzedWorker) => Promise<void>): Promise<void> =>
  check(name, async () => {
    const old = await startFuzzedWorker()
    const fresh = await startFuzzedWorker()
    try {
      await run(old, fresh)
    } finally {
      await Promise.all([old.stop(), fresh.stop()])
    }
  })

const expectEnd = (end: RolloutEnd, isRight: boolean): void => {
  if (!isRight) throw new Error(`it ended as ${JSON.stringify(end)}`)
}

await checkBetween('a sound version gets all traffic', async (old, fresh) => {
  const end = await rollBetween(old, fresh)
  expectEnd(end, end.kind === 'done')
})
await checkBetween('a version that fails a part of the events is rolled back at 10 %', async (old, fresh) => {
  await spoil(fresh)
  const end = await rollBetween(old, fresh)
  expectEnd(end, end.kind === 'rolled back' && end.at === 10 && end.reason.includes('of the new version'))
})
endChecks('rollout')
