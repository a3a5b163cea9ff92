/** A gradual deployment, with a recorded wrangler run as a program and a worker over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../ops/deploy/judge.ts'
import { type RolloutEnd, type RolloutPlan, rollOut } from '../../../ops/deploy/rollout.ts'
import { stateMessage, stateOf } from '../../../ops/deploy/state.ts'
import { workerView } from '../../../ops/deploy/worker.ts'
import { installedWrangler } from '../../../src/cli/deploy/wrangler.ts'
import { type DeployedWorker, startDeployedWorker } from '../../support/deployed-worker.ts'
import { NEW, OLD, type RecordedAnswer, RecordedWrangler, recorded } from '../../support/recorded-wrangler.ts'

const STATE = stateOf('v4', [{ tag: 'v4' }], [[['CREATE TABLE a']]])

const deployed = (...versions: readonly (readonly [string, number])[]): RecordedAnswer => ({
  stdout: JSON.stringify({
    ...(JSON.parse(recorded('deployments-status.json')) as object),
    versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })),
  }),
})

const viewed = (message: string): RecordedAnswer => ({
  stdout: JSON.stringify({
    ...(JSON.parse(recorded('versions-view.json')) as object),
    annotations: { 'workers/message': message },
  }),
})

/** By default a worker whose deployed version keeps the same state. */
const RECORDED: Readonly<Record<string, readonly RecordedAnswer[]>> = {
  'deployments status': [deployed([OLD, 100])],
  'versions view': [viewed(stateMessage(STATE))],
  'versions upload': [{ stdout: recorded('versions-upload.txt'), output: recorded('versions-upload.output.ndjson') }],
  'versions deploy': [{ stdout: recorded('versions-deploy.txt') }],
  'triggers deploy': [{ stdout: recorded('triggers-deploy.txt') }],
  rollback: [{ stdout: recorded('rollback.txt') }],
}

const PLAN: RolloutPlan = {
  environment: 'production',
  tag: 'v0.2.0-abcdef1',
  state: STATE,
  steps: [10, 50, 100],
  pollMilliseconds: 60_000,
  spreadMilliseconds: 120_000,
  settings: DEFAULT_SETTINGS,
}

let worker: DeployedWorker
let wrangler: RecordedWrangler | undefined
beforeEach(async () => {
  worker = await startDeployedWorker('read')
})
afterEach(async () => {
  wrangler?.remove()
  await worker.stop()
})

interface Ran {
  readonly end: RolloutEnd
  readonly calls: readonly string[]
  readonly said: string
  readonly remembered: readonly unknown[]
}

/** Time passes only in pauses. After `versions deploy` at 100 % the new version answers everybody. */
const running = async (
  answers: Readonly<Record<string, readonly RecordedAnswer[]>> = {},
  plan: Partial<RolloutPlan> = {},
): Promise<Ran> => {
  const own = new RecordedWrangler({ ...RECORDED, ...answers })
  wrangler = own
  let now = 0
  const said: string[] = []
  const remembered: unknown[] = []
  const program = installedWrangler()
  const end = await rollOut(
    {
      wrangler: async (args) => {
        const answer = await program(args)
        if (args[1] === 'deploy' && args.includes(`${NEW}@100%`)) worker.answers = NEW
        return answer
      },
      worker: workerView({ url: worker.url, worker: 'nearcast-production', readToken: 'read', probes: 5 }),
      now: () => now,
      pause: async (milliseconds) => {
        now += milliseconds
      },
      say: (text) => said.push(text),
      remember: (rollout) => remembered.push(rollout),
    },
    { ...PLAN, ...plan },
  )
  return { end, calls: own.calls, said: said.join('\n'), remembered }
}

const deploys = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => /^(versions deploy|rollback|triggers)/.test(call))

/** The shares that were deployed so far, of the new version. */
const lastShare = (): number => {
  const share = wrangler?.calls.findLast((call) => call.startsWith('versions deploy'))?.match(/@(\d+)%/)?.[1]
  return Number(share ?? -1)
}

describe('a healthy version', () => {
  it('goes to 0, 10, 50 and 100 %, in the order that keeps objects on their code', async () => {
    const { end, calls } = await running()
    expect(end).toEqual({ kind: 'done', version: NEW })
    const message = (at: number): string => `--yes --message v0.2.0-abcdef1 at ${at} % --env production`
    expect(calls).toEqual([
      'deployments status --json --env production',
      `versions view ${OLD} --json --env production`,
      `versions upload --env production --tag v0.2.0-abcdef1 --message ${stateMessage(STATE)}`,
      `versions deploy ${NEW}@0% ${OLD}@100% ${message(0)}`,
      `versions deploy ${NEW}@10% ${OLD}@90% ${message(10)}`,
      `versions deploy ${NEW}@50% ${OLD}@50% ${message(50)}`,
      `versions deploy ${NEW}@100% ${message(100)}`,
      'triggers deploy --env production',
    ])
  })

  it('is smoked at 0 % through the header that picks it, before anybody gets it', async () => {
    await running()
    expect(worker.named[0]).toBe(`nearcast-production="${NEW}"`)
    // The last look, at 100 %, names nothing.
    expect(worker.named.at(-1)).toBe('')
  })

  it('bakes at each step', async () => {
    const { said } = await running()
    for (const at of [10, 50, 100]) {
      expect(said).toContain(`${at} %, 240 s: wait, it bakes`)
      expect(said).toContain(`${at} %, 300 s: go on, 0 of 200 events failed`)
    }
  })

  it('is remembered before it is deployed, and as over at the end', async () => {
    const { remembered } = await running()
    const rollout = { before: OLD, version: NEW }
    expect(remembered).toEqual([
      { ...rollout, isOver: false },
      { ...rollout, isOver: true },
    ])
  })

  it('goes on while both fail a few events, within the budget', async () => {
    worker.outcomes = () => ({ [OLD]: { events: 9_000, failed: 45 }, [NEW]: { events: 1_000, failed: 5 } })
    expect((await running()).end.kind).toBe('done')
  })
})

describe('a version with a raised share of errors', () => {
  it('is rolled back at 10 %, at the first look', async () => {
    worker.outcomes = () => ({
      [OLD]: { events: 9_000, failed: 3 },
      [NEW]: lastShare() >= 10 ? { events: 1_000, failed: 50 } : { events: 5, failed: 0 },
    })
    const { end, calls, said } = await running()
    const reason = '50 of 1000 events failed of the new version, 5.00 %; 1.00 % is tolerated'
    expect(end).toEqual({ kind: 'rolled back', version: NEW, at: 10, reason })
    expect(deploys(calls)).toEqual([
      expect.stringContaining(`${NEW}@0% ${OLD}@100%`),
      expect.stringContaining(`${NEW}@10% ${OLD}@90%`),
      `rollback ${OLD} --yes --message v0.2.0-abcdef1: ${reason} --env production`,
    ])
    expect(said).toContain(`rolling back to ${OLD}`)
  })

  it('is rolled back from 100 % too', async () => {
    worker.outcomes = () => ({ [NEW]: { events: 1_000, failed: lastShare() === 100 ? 50 : 0 } })
    const { end, calls } = await running()
    expect(end).toMatchObject({ kind: 'rolled back', at: 100 })
    expect(calls.at(-2)).toMatch(new RegExp(`^rollback ${OLD} `))
    expect(calls).not.toContain('triggers deploy --env production')
  })

  it('is found by probes where the statistics see nothing of it', async () => {
    worker.predictionStatus = (version) => (version === NEW && lastShare() >= 10 ? 503 : 200)
    expect((await running()).end).toMatchObject({
      kind: 'rolled back',
      at: 10,
      reason: expect.stringContaining('5 of 5 events failed of the probes'),
    })
  })

  it('gets nobody when smoke fails at 0 %', async () => {
    worker.predictionStatus = (version) => (version === NEW ? 500 : 200)
    const { end, calls } = await running()
    expect(end).toMatchObject({ kind: 'rolled back', at: 0, reason: 'smoke: /v1/predict answered 500' })
    expect(deploys(calls)).toHaveLength(2)
  })
})

describe('a version that cannot be judged', () => {
  it('is rolled back once patience is over, when its events are too few', async () => {
    worker.outcomes = () => ({ [OLD]: { events: 10, failed: 0 }, [NEW]: { events: 7, failed: 0 } })
    const reason = 'it could not be judged in time: only 7 events of 100 are counted'
    expect((await running()).end).toEqual({ kind: 'rolled back', version: NEW, at: 10, reason })
  })

  it('is rolled back when the statistics stop', async () => {
    const good = worker.outcomes
    worker.outcomes = () => (lastShare() >= 50 ? null : good())
    const reason = 'it could not be judged in time: the statistics do not tell how its events end'
    expect((await running()).end).toEqual({ kind: 'rolled back', version: NEW, at: 50, reason })
  })

  it('is rolled back when a step cannot be deployed', async () => {
    const refused = { code: 1, stderr: 'A request to the Cloudflare API failed.' }
    const { end } = await running({ 'versions deploy': [{}, {}, refused] })
    expect(end).toMatchObject({ kind: 'rolled back', at: 50 })
  })
})

describe('a rollback that fails', () => {
  it('is tried again', async () => {
    worker.predictionStatus = (version) => (version === NEW ? 500 : 200)
    const { end, calls } = await running({ rollback: [{ code: 1, stderr: 'busy' }, {}] })
    expect(end.kind).toBe('rolled back')
    expect(calls.filter((call) => call.startsWith('rollback'))).toHaveLength(2)
  })

  it('is not taken for one that succeeded: somebody is told what to do', async () => {
    worker.predictionStatus = (version) => (version === NEW ? 500 : 200)
    const { end } = await running({ 'deployments status': [deployed([OLD, 100]), deployed([NEW, 10], [OLD, 90])] })
    const mend = `npx wrangler rollback ${OLD} --yes --message by hand --env production`
    expect(end).toMatchObject({ kind: 'stuck', mend })
  })
})

describe('the gradual way is refused, and nothing is uploaded,', () => {
  const refused = async (answers: Record<string, RecordedAnswer[]>, message: RegExp): Promise<void> => {
    await expect(running(answers)).rejects.toThrow(message)
    expect(wrangler?.calls.filter((call) => !/^(deployments status|versions view)/.test(call))).toEqual([])
  }
  const other = (state: Partial<typeof STATE>): RecordedAnswer[] => [viewed(stateMessage({ ...STATE, ...state }))]

  it('when [[migrations]] differ from those deployed', () =>
    refused(
      { 'versions view': other({ migrations: 'v3 00000000' }) },
      /^\[\[migrations\]\] changed from v3 00000000 to v4 [0-9a-f]{8}: .* docs\/deploying\.md$/,
    ))

  it('when tables of an object have other steps', () =>
    refused({ 'versions view': other({ schema: '2 00000000' }) }, /^the tables of the objects changed from 2 00000000/))

  it('when the deployed version does not say what state it keeps', () =>
    refused({ 'versions view': [viewed('by hand')] }, /^the deployed version does not say what state it keeps/))

  it('while another rollout is under way', () =>
    refused({ 'deployments status': [deployed([NEW, 10], [OLD, 90])] }, /^a rollout is under way or was left/))

  it('where nothing is deployed', () =>
    refused(
      { 'deployments status': [{ code: 1, stderr: 'The Worker nearcast-production has no deployments.' }] },
      /^nothing is deployed yet/,
    ))

  it('when the statistics cannot be read', () => {
    worker.outcomes = () => null
    return refused({}, /READ_TOKEN/)
  })
})

describe('a pending migration that only wrangler sees', () => {
  it('is refused by it, with its words', async () => {
    const answer = {
      code: 1,
      stderr: recorded('versions-upload-migration.stderr.txt'),
      output: recorded('versions-upload-migration.output.ndjson'),
    }
    await expect(running({ 'versions upload': [answer] })).rejects.toThrow(/pending Durable Object migration/)
    expect(deploys(wrangler?.calls ?? [])).toEqual([])
  })
})
