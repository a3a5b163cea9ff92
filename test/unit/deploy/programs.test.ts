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

describe('at-once.ts', () => {
  const deployed = { deploy: [{ stdout: recorded('deploy.txt'), output: recorded('deploy.output.ndjson') }] }
  const otherState = {
    'versions view': [
      { stdout: JSON.stringify({ annotations: { 'workers/message': `${MESSAGE.slice(0, -8)}00000000` } }) },
    ],
  }
  const atOnce = (environment: string, ...args: readonly string[]): Promise<Ended> => {
    const config = ['--config', join(folder, 'wrangler.toml')]
    return running(
      'at-once',
      '--env',
      environment,
      '--url',
      worker.url.href,
      '--spread-seconds',
      '0',
      ...config,
      ...args,
    )
  }
  const deploys = (own: RecordedWrangler): readonly string[] =>
    own.calls
      .filter((call) => /^(deploy |rollback|versions upload)/.test(call))
      .map((call) => call.split(' ')[0] as string)
  beforeEach(() => {
    worker.answers = NEW
  })

  it('deploys staging, writes down what state it keeps, and smokes it', async () => {
    const own = record(deployed)
    const { code, text } = await atOnce('staging')
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('smoke is clean') as unknown })
    const call = own.calls.find((line) => line.startsWith('deploy '))
    expect(call).toMatch(/^deploy --env staging --tag v\d+\.\d+\.\d+-[0-9a-f]{7} --message /)
    expect(call).toContain(`--message ${MESSAGE}`)
  })

  it('makes the first deployment', async () => {
    const none = { 'deployments status': [{ code: 1, stderr: 'The Worker nearcast-production has no deployments.' }] }
    const own = record({ ...none, ...deployed })
    expect((await atOnce('production')).code).toBe(0)
    expect(deploys(own)).toEqual(['deploy'])
  })

  it('rolls back where smoke fails and the state is the same', async () => {
    const own = record(deployed)
    worker.predictionStatus = () => 500
    const { code, text } = await atOnce('production')
    expect({ code, calls: deploys(own) }).toEqual({ code: 1, calls: ['deploy', 'rollback'] })
    expect(text).toContain('smoke: /v1/predict answered 500')
  })

  it('deploys nothing to production that has no way back, unless that is said', async () => {
    const own = record({ ...otherState, ...deployed })
    const { code, text } = await atOnce('production')
    expect({ code, calls: deploys(own) }).toEqual({ code: 1, calls: [] })
    expect(text).toMatch(/^the tables of the objects changed from .*give --no-way-back\n$/)
  })

  it('then goes no way back, even where smoke fails', async () => {
    const own = record({ ...otherState, ...deployed })
    worker.predictionStatus = () => 500
    const { code, text } = await atOnce('production', '--no-way-back')
    expect({ code, calls: deploys(own) }).toEqual({ code: 1, calls: ['deploy'] })
    expect(text).toContain('there is no version to go back to')
  })
})

describe('post-check.ts', () => {
  const looking = (): Promise<Ended> =>
    running('post-check', '--url', worker.url.href, '--config', join(folder, 'wrangler.toml'))

  it('exits with 0 where smoke and the last minutes are clean', async () => {
    record({})
    expect(await looking()).toEqual({ code: 0, text: `${OLD}: 0 of 1000 events failed in the last 5 minutes\n` })
  })

  it('exits with 1 where too many events fail, and where another version answers', async () => {
    record({})
    worker.outcomes = () => ({ [OLD]: { events: 1_000, failed: 100 } })
    expect(await looking()).toMatchObject({ code: 1, text: expect.stringContaining('10.00 % failed') as unknown })
    worker.answers = NEW
    expect((await looking()).text).toContain(`version ${NEW} answers, not ${OLD}`)
  })
})
