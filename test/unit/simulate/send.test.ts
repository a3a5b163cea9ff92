/** `nearcast simulate --url` against a server in this process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { command } from '../../../src/cli/commands/simulate.ts'
import { outcomesOf } from '../../../src/cli/simulate/outcomes.ts'
import type { Pace } from '../../../src/cli/simulate/pace.ts'
import { readSimulateOptions, type TrafficOptions } from '../../../src/cli/simulate/read-options.ts'
import { sendTraffic } from '../../../src/cli/simulate/send-traffic.ts'
import { deliveryShares } from '../../../src/training/delivery/transit.ts'
import { DEFAULT_SHARES } from '../../../src/training/traffic/fault-kinds.ts'
import { makeTraffic } from '../../../src/training/traffic/traffic.ts'
import { runCommand } from '../../support/command-output.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'
import { places } from '../delivery/made-up-orders.ts'
import { type Asked, type Reply, type ShopServer, startShopServer } from './shop-server.ts'

const STARTS_AT = '2026-05-05T17:00:00Z'

/** As a worker does: 400 for what is no JSON, 422 for an event without a time, a receipt with a prediction. */
const likeAWorker = ({ path, body }: Asked): Reply => {
  if (path.startsWith('/v1/outcomes')) {
    const lines = body.trimEnd().split('\n')
    return { status: 200, body: { accepted: lines.length, counted: lines.length, repeated: 0, rejected: [] } }
  }
  let event: { createdDateTime?: number; event_id?: string }
  try {
    event = JSON.parse(body)
  } catch {
    return { status: 400, body: { code: 'invalid_json' } }
  }
  if (event.createdDateTime === undefined) return { status: 422, body: { code: 'missing_time' } }
  return { status: 200, body: { receipt: `receipt of ${event.event_id}`, outputs: { late_probability: 0.25 } } }
}

let server: ShopServer
const serve = async (reply: (asked: Asked) => Reply): Promise<ShopServer> => {
  server = await startShopServer(reply)
  return server
}
afterEach(() => server.stop())

/** Time that only passes when it is slept through. */
const dreamtPace = (): Pace => {
  let now = 0
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds
    },
  }
}

const send = (flags: Record<string, string | boolean>, over: { signal?: AbortSignal; pace?: Pace } = {}) =>
  sendTraffic(readSimulateOptions({ url: server.url, from: STARTS_AT, ...flags }) as TrafficOptions, {
    stream: { write: () => undefined },
    pace: dreamtPace(),
    epochNow: () => Date.parse(STARTS_AT),
    environment: { WRITE_TOKEN: 'a-token', OTHER: 'another-token' },
    signal: new AbortController().signal,
    ...over,
  })

const expectedOf = (rate: number, seconds: number, seed = 1) => [
  ...makeTraffic({ places, seed, rate, seconds, speed: 1, startsAt: Date.parse(STARTS_AT), shares: DEFAULT_SHARES }),
]

describe('simulate --url', () => {
  it('sends the planned bodies and tells how they were answered', async () => {
    await serve(likeAWorker)
    const summary = await send({ rate: '100', seconds: '10' })
    const plan = expectedOf(100, 10)
    expect(server.asked.map(({ body }) => body).sort()).toEqual(plan.map(({ body }) => body).sort())
    const count = (name: string): number => plan.filter(({ fault }) => fault === name).length
    const [cut, timeless] = [count('bad-json'), count('no-time')]
    expect(cut).toBeGreaterThan(0)
    expect(summary).toMatchObject({
      seed: 1,
      starts_at: '2026-05-05T17:00:00.000Z',
      sent: plan.length,
      answered: { 200: plan.length - cut - timeless, 400: cut, ...(timeless > 0 && { 422: timeless }) },
      unanswered: 0,
      faults: { 'bad-json': cut },
      interrupted: false,
    })
    expect(server.asked[0]).toMatchObject({ path: '/v1/predict?features=false' })
    expect(new Set(server.asked.map(({ headers }) => headers['user-agent']))).toEqual(
      new Set(plan.map(({ userAgent }) => userAgent)),
    )
  })

  it('asks the model that is named', async () => {
    await serve(likeAWorker)
    await send({ rate: '10', seconds: '1', model: 'delivery-days' })
    expect(server.asked.length).toBeGreaterThan(0)
    for (const { path } of server.asked) expect(path).toBe('/v1/predict?features=false&model=delivery-days')
  })

  it('begins in the past when clocks run faster, so that it ends in the present', async () => {
    await serve(likeAWorker)
    const summary = await sendTraffic(
      readSimulateOptions({ url: server.url, rate: '20', seconds: '60', speed: '1440', future: '0' }) as TrafficOptions,
      {
        stream: { write: () => undefined },
        pace: dreamtPace(),
        epochNow: () => Date.parse(STARTS_AT),
        environment: {},
        signal: new AbortController().signal,
      },
    )
    expect(Date.parse(STARTS_AT) - Date.parse(summary.starts_at)).toBe(1_439 * 60_000)
  })

  it('never has more under way than it may', async () => {
    const held: (() => void)[] = []
    await serve((asked) => ({
      ...likeAWorker(asked),
      after: new Promise((resolve) => {
        held.push(resolve)
        // The others wait until this many are there.
        if (held.length === 4) for (const go of held.splice(0)) go()
      }),
    }))
    // 4 at a time, and a last few that no fourth comes for.
    const sending = send({ rate: '40', seconds: '1', 'in-flight': '4', deadline: '0.3' })
    const summary = await sending
    expect(server.most()).toBe(4)
    expect(summary.held_back).toBeGreaterThan(0)
    expect(summary.sent).toBe(expectedOf(40, 1).length)
  })

  it('gives up on what does not answer in time, and goes on', async () => {
    let number = 0
    await serve((asked) => ({
      ...likeAWorker(asked),
      ...(number++ === 3 && { after: new Promise<void>(() => undefined) }),
    }))
    const summary = await send({ rate: '20', seconds: '1', deadline: '0.2' })
    expect(summary.unanswered).toBe(1)
    expect(Object.values(summary.answered).reduce((sum, count) => sum + count, 0)).toBe(summary.sent - 1)
  })

  it('reports what became of predictions by their receipts, in batches, with the token', async () => {
    await serve(likeAWorker)
    const { answered, outcomes } = await send({ rate: '100', seconds: '10', 'report-outcomes': true })
    const reports = server.asked.filter(({ path }) => path === '/v1/outcomes')
    const lines = reports.flatMap(({ body }) => body.trimEnd().split('\n')).map((line) => JSON.parse(line))
    expect(outcomes).toEqual({ reported: answered['200'], counted: answered['200'], repeated: 0, rejected: 0, lost: 0 })
    expect(lines).toHaveLength(answered['200'])
    expect(reports.length).toBeLessThan(lines.length / 100 + 2)
    for (const { headers } of reports) expect(headers.authorization).toBe('Bearer a-token')
    const happened = lines.filter(({ value }) => value === true).length
    // A quarter is foretold, and so the dice fall.
    expect(happened / lines.length).toBeGreaterThan(0.2)
    expect(happened / lines.length).toBeLessThan(0.3)
    expect(new Set(lines.map(({ receipt }) => receipt)).size).toBe(lines.length)
  })

  it('takes the token from the variable that is named, and says so where there is none', async () => {
    await serve(likeAWorker)
    await send({ rate: '5', seconds: '1', 'outcomes-token-env': 'OTHER' })
    const report = server.asked.find(({ path }) => path === '/v1/outcomes')
    expect(report?.headers.authorization).toBe('Bearer another-token')
    await expect(send({ 'outcomes-token-env': 'NOWHERE' })).rejects.toThrow('set NOWHERE')
  })

  it('counts outcomes that are refused as lost', async () => {
    await serve((asked) =>
      asked.path === '/v1/outcomes' ? { status: 401, body: { code: 'unauthorized' } } : likeAWorker(asked),
    )
    const { outcomes, answered } = await send({ rate: '10', seconds: '1', 'report-outcomes': true })
    expect(outcomes).toEqual({ reported: 0, counted: 0, repeated: 0, rejected: 0, lost: answered['200'] })
  })

  it('sends nothing more once it is interrupted, and still tells what came of it', async () => {
    await serve(likeAWorker)
    const controller = new AbortController()
    const pace = dreamtPace()
    const interrupting: Pace = {
      now: pace.now,
      sleep: async (milliseconds, signal) => {
        await pace.sleep(milliseconds, signal)
        if (pace.now() > 3_000) controller.abort()
      },
    }
    const summary = await send({ rate: '20', seconds: '10' }, { signal: controller.signal, pace: interrupting })
    expect(summary.interrupted).toBe(true)
    expect(summary.sent).toBe(expectedOf(20, 10).filter(({ atMilliseconds }) => atMilliseconds < 3_000).length)
    expect(server.asked).toHaveLength(summary.sent)
  })

  it('exits with 1 where there is no such model', async () => {
    await serve(() => ({ status: 404, body: { code: 'unknown_model' } }))
    const args = ['--url', server.url, '--rate', '20', '--seconds', '0.2', '--model', 'nobody']
    const { code, stdout } = await runCommand(command, args)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ answered: { 404: expect.any(Number) }, unanswered: 0 })
  })

  it('exits with 1 where nothing answers', async () => {
    await serve(likeAWorker)
    const { url } = server
    await server.stop()
    const { code, stdout, stderr } = await runCommand(command, ['--url', url, '--rate', '20', '--seconds', '0.2'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ answered: {} })
    expect(stderr).toContain('gave no prediction')
  })
})

describe('outcomes of a prediction', () => {
  const [request] = makeTraffic({
    places,
    seed: 4,
    rate: 1,
    seconds: 60,
    speed: 1,
    startsAt: 0,
    shares: DEFAULT_SHARES,
  })
  if (request?.shipment == null) throw new Error('the first request of this seed ships something')
  const at = (chance: number, outputs: object) =>
    outcomesOf({ ...request, chance }, JSON.stringify({ receipt: 'r', outputs })).map(({ value }) => value)

  it('are days by the rules of delivery-days, whatever was foretold', () => {
    const wrong = { delivery_days: { labels: [0, 1], probabilities: [1, 0] } }
    const days = Array.from({ length: 1_000 }, (_, index) => at((index + 0.5) / 1_000, wrong)[0] as number)
    const shares = deliveryShares(request.shipment as NonNullable<typeof request.shipment>)
    shares.forEach((share, day) => {
      expect(days.filter((each) => each === day).length / 1_000).toBeCloseTo(share, 2)
    })
  })

  it('of other distributions and of probabilities fall as they were foretold; values and what has no receipt have none', () => {
    const labels = ['phone', 'desktop']
    expect(at(0.2, { device: { labels, probabilities: [0.3, 0.7] } })).toEqual(['phone'])
    expect(at(0.4, { device: { labels, probabilities: [0.3, 0.7] } })).toEqual(['desktop'])
    expect(at(0.2, { p: 0.3 })).toEqual([true])
    expect(at(0.4, { p: 0.3 })).toEqual([false])
    expect(at(0.4, { euros: 12.5 })).toEqual([])
    expect(outcomesOf(request, '{"outputs":{"p":0.5}}')).toEqual([])
    expect(outcomesOf(request, 'no JSON')).toEqual([])
  })
})

describe('the built command', () => {
  let cli: BuiltCli
  beforeAll(async () => {
    cli = await buildCli()
  })
  afterAll(() => cli.remove())

  it('ends on SIGINT with a summary and 130', async () => {
    let firstAnswers: (() => void) | undefined
    const first = new Promise<void>((resolve) => {
      firstAnswers = resolve
    })
    await serve((asked) => {
      firstAnswers?.()
      return likeAWorker(asked)
    })
    const args = ['simulate', '--url', server.url, '--rate', '50', '--seconds', '600']
    const child = spawn(process.execPath, [join(cli.folder, 'dist', 'nearcast.js'), ...args], { stdio: 'pipe' })
    let stdout = ''
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString()
    })
    await first
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, unanswered: 0 })
  })
})
