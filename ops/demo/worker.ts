/** The worker a demo talks to: the one that runs already, or one of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Deployment } from '../../src/cli/release/admin-client.ts'
import { readDeployment } from '../../src/cli/release/deployment.ts'

const OWN_PORT = 8793
const START_MILLISECONDS = 90_000
const STOP_MILLISECONDS = 5_000

const isReady = async (url: URL): Promise<boolean> =>
  fetch(new URL('readyz', url), { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  )

const startOwn = async (root: string): Promise<{ readonly url: URL; readonly stop: () => Promise<void> }> => {
  const state = mkdtempSync(join(tmpdir(), 'nearcast-demo-'))
  const args = [join(root, 'dist', 'nearcast.js'), 'start', '--port', String(OWN_PORT), '--persist-to', state]
  const child: ChildProcess = spawn(process.execPath, args, { cwd: root, detached: true, stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGTERM')
      const exited = new Promise((resolve) => child.once('exit', resolve))
      await Promise.race([exited, sleep(STOP_MILLISECONDS)])
    }
    rmSync(state, { recursive: true, force: true })
  }
  const url = new URL(`http://127.0.0.1:${OWN_PORT}`)
  const until = performance.now() + START_MILLISECONDS
  while (!(await isReady(url))) {
    if (performance.now() > until || child.exitCode !== null) {
      await stop()
      throw new Error(`no worker came up at ${url.href}`)
    }
    await sleep(250)
  }
  return { url, stop }
}

/** `url` if a worker answers there, else one that is started for the demo and stopped by `stop`. */
export const findWorker = async (
  url: string,
  root: string,
): Promise<{ readonly deployment: Deployment; readonly stop: () => Promise<void> }> => {
  if (await isReady(new URL(url)))
    return { deployment: readDeployment({ url }, process.env), stop: async () => undefined }
  const own = await startOwn(root)
  if (!existsSync('.dev.vars')) throw new Error('.dev.vars is not here; run this in the root of the repository')
  return { deployment: readDeployment({ url: own.url.href }, process.env), stop: own.stop }
}
