/** The programs that the workflow calls, run as it runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownState } from '../../../ops/deploy/setting.ts'
import { stateMessage } from '../../../ops/deploy/state.ts'
import { readWanted } from '../../../src/cli/deploy/wanted.ts'
import { type DeployedWorker, startDeployedWorker } from '../../support/deployed-worker.ts'
import { NEW, OLD, type RecordedAnswer, RecordedWrangler, recorded } from '../../support/recorded-wrangler.ts'

let folder: string
let worker: DeployedWorker
let wrangler: RecordedWrangler | undefined
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearcast-programs-'))
  worker = await startDeployedWorker('read')
  writeFileSync(
    join(folder, 'wrangler.toml'),
    readFileSync('wrangler.toml', 'utf8').replaceAll('REPLACE-WITH-ID-OF-', 'id-of-'),
  )
})
afterEach(async () => {
  wrangler?.remove()
  await worker.stop()
  rmSync(folder, { recursive: true })
})

const MESSAGE = stateMessage(await ownState(await readWanted('wrangler.toml', 'production')))

const record = (answers: Readonly<Record<string, readonly RecordedAnswer[]>>): RecordedWrangler => {
  wrangler = new RecordedWrangler({
    'deployments status': [{ stdout: recorded('deployments-status.json') }],
    'versions view': [{ stdout: JSON.stringify({ annotations: { 'workers/message': MESSAGE } }) }],
    'versions upload': [{ output: recorded('versions-upload.output.ndjson') }],
    'versions deploy': [{ stdout: recorded('versions-deploy.txt') }],
    'triggers deploy': [{}],
    rollback: [{ stdout: recorded('rollback.txt') }],
    ...answers,
  })
  return wrangler
}

interface Ended {
  readonly code: number
  readonly text: string
}

const running = async (program: string, ...args: readonly string[]): Promise<Ended> => {
  const env = { ...process.env, READ_TOKEN: 'read' }
  const child = spawn(process.execPath, [`ops/deploy/${program}.ts`, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  }
  const [code] = (await once(child, 'close')) as [number]
  return { code, text }
}

const gradual = (): Promise<Ended> => {
  const times = ['--bake-seconds', '0', '--patience-seconds', '5', '--poll-seconds', '0.05', '--spread-seconds', '1']
  const files = ['--config', join(folder, 'wrangler.toml'), '--memory', join(folder, 'rollout.json')]
  return running('gradual', '--env', 'production', '--url', worker.url.href, ...times, ...files)
}

describe('gradual.ts', () => {
  it('brings a healthy version to 100 % and exits with 0', async () => {
    const own = record({})
    // The last smoke names no version: by then the new one has all traffic.
    worker.answers = NEW
    const { code, text } = await gradual()
    expect({ code, text }).toMatchObject({
      code: 0,
      text: expect.stringContaining(`${NEW} has all traffic`) as unknown,
    })
    expect(
      own.calls.filter((call) => call.startsWith('versions deploy')).map((call) => /@(\d+)%/.exec(call)?.[1]),
    ).toEqual(['0', '10', '50', '100'])
    expect(text).not.toContain('Bearer')
  })

  it('rolls a version back whose share of errors is raised, and exits with 1', async () => {
    const own = record({})
    worker.outcomes = () => ({ [OLD]: { events: 900, failed: 0 }, [NEW]: { events: 100, failed: 40 } })
    const { code, text } = await gradual()
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringContaining('rolled back: 40 of 100') as unknown,
    })
    expect(own.calls.filter((call) => call.includes('@50%'))).toEqual([])
    expect(own.calls.some((call) => call.startsWith(`rollback ${OLD}`))).toBe(true)
  })

  it('refuses while wrangler.toml has placeholders, and asks wrangler nothing', async () => {
    const own = record({})
    const { code, text } = await running('gradual', '--url', worker.url.href)
    expect({ code, calls: own.calls }).toEqual({ code: 1, calls: [] })
    expect(text).toContain('npx nearcast deploy check --env production --write-ids')
  })

  it('exits with 2 for bad input', async () => {
    expect(await running('gradual', '--url', 'nowhere')).toMatchObject({ code: 2 })
    expect(await running('gradual', '--url', 'http://127.0.0.1:1', '--budget', '7')).toMatchObject({ code: 2 })
  })
})

describe('abandon.ts', () => {
  const abandoning = (isOver: boolean): Promise<Ended> => {
    const memory = join(folder, 'rollout.json')
    writeFileSync(memory, JSON.stringify({ environment: 'production', before: OLD, version: NEW, isOver }))
    return running('abandon', '--memory', memory)
  }

  it('rolls back a rollout that was cut off', async () => {
    const own = record({})
    expect(await abandoning(false)).toEqual({ code: 0, text: `all traffic is back on ${OLD}\n` })
    expect(own.calls[0]).toBe(`rollback ${OLD} --yes --message the rollout was interrupted --env production`)
  })

  it('does nothing behind one that is over, or where there was none', async () => {
    const own = record({})
    expect((await abandoning(true)).code).toBe(0)
    expect((await running('abandon', '--memory', join(folder, 'nothing.json'))).code).toBe(0)
    expect(own.calls).toEqual([])
  })
})
