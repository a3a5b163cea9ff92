/** The worker of one row, from its start to what is read back of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle } from '../../bench/bundle.ts'
import { type RunningWorker, SECRETS, type WorkerHost } from '../../bench/worker.ts'
import { clientOf } from '../../src/cli/release/admin-client.ts'
import type { ReplayBody } from '../../src/protocol/dead-letters.ts'
import { post } from './client.ts'
import type { ExpectedAnswers } from './expected.ts'
import { CONTROL_PATH, type Fault, type FaultState, type Orders } from './fault-plan.ts'
import type { Rules } from './judge.ts'
import { Sender } from './sender.ts'

export const QUEUE = 'nearcast-events'

/** Deliveries of one batch by hand. */
const ROUNDS = 5
const POLL_MILLISECONDS = 100
/** Longer than all the waits of a message together. */
const WAIT_MILLISECONDS = 60_000

export interface StageParts {
  readonly row: string
  readonly host: WorkerHost
  readonly bundle: Bundle
  readonly expected: ExpectedAnswers
  readonly rules: Rules
  readonly variables: Readonly<Record<string, string>>
}

export class Stage {
  readonly sender: Sender
  /** Calls that were got wrong, in all. */
  injected = 0
  /** Lines that the runtime printed. */
  readonly log: string[] = []
  readonly #parts: StageParts
  #worker: RunningWorker | undefined

  private constructor(parts: StageParts) {
    this.#parts = parts
    this.sender = new Sender({ ...parts, origin: () => this.origin })
  }

  static async open(parts: StageParts): Promise<Stage> {
    const stage = new Stage(parts)
    await stage.#start()
    return stage
  }

  get worker(): RunningWorker {
    if (this.#worker === undefined) throw new Error('the worker is not running')
    return this.#worker
  }

  get origin(): string {
    return `http://127.0.0.1:${this.worker.port}`
  }

  /** What the worker is told to get wrong from now on; nothing heals it but the next call. */
  async inject(...faults: readonly Fault[]): Promise<void> {
    await this.order({ faults })
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    await this.order({ faults: [], sessions: {}, skewMilliseconds: 0 })
  }

  async order(orders: Orders): Promise<void> {
    if (orders.faults !== undefined) await this.#countInjected()
    await this.#control(orders)
  }

  async state(): Promise<FaultState> {
    return this.#control({})
  }

  /** Both isolates begin anew and have their sessions: what is measured is not how a model loads. */
  async renew(): Promise<void> {
    await this.order({ renews: true })
    await this.ready()
  }

  async ready(): Promise<void> {
    const answer = await fetch(`${this.origin}/readyz`)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`/readyz answered ${answer.status}`)
  }

  /** Waits until `isTrue`. Throws when that takes longer than a minute. */
  async untilTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const start = performance.now()
    while (!(await isTrue())) {
      if (performance.now() - start > WAIT_MILLISECONDS) throw new Error(`${what}: not within ${WAIT_MILLISECONDS} ms`)
      await sleep(POLL_MILLISECONDS)
    }
  }

  /** The same of what the worker tells. */
  until(what: string, isTrue: (state: FaultState) => boolean): Promise<void> {
    return this.untilTrue(what, async () => isTrue(await this.state()))
  }

  /** Every message that was sent has been worked off. */
  async drained(): Promise<void> {
    await this.until('the queue is drained', ({ sent, done }) => done >= sent)
  }

  /**
   * The process is killed as it stands and started again on what is on its disk. Its queue was in memory (miniflare, 2026-11), which on the platform is
   * durable: `texts` are what it held, for the caller to deliver again.
   */
  async kill(): Promise<readonly string[]> {
    const { texts } = await this.state()
    await this.#countInjected()
    const { pid, storage } = this.worker
    process.kill(pid, 'SIGKILL')
    await this.#stop()
    await this.#start(storage)
    return texts
  }

  /** Delivers messages through the handler of the queue, as one batch, until it has acknowledged each. Throws when it does not in the end. */
  async deliver(texts: readonly string[], attempts: number): Promise<void> {
    const handler = await this.worker.miniflare.getWorker()
    let left = texts.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts, body }))
    for (let round = 0; left.length > 0; round++) {
      if (round === ROUNDS) throw new Error(`${left.length} messages were not acknowledged in ${ROUNDS} deliveries`)
      const { outcome, explicitAcks } = await handler.queue(QUEUE, left)
      const acknowledged = new Set(outcome === 'ok' ? explicitAcks : [])
      left = left
        .filter(({ id }) => !acknowledged.has(id))
        .map((message) => ({ ...message, attempts: attempts + round }))
    }
  }

  /** Dead letters that are in the queue again by this call. Throws when it is refused. */
  async replay(body: Pick<ReplayBody, 'filter' | 'again'>): Promise<number> {
    const deployment = { url: new URL(this.origin), token: SECRETS.ADMIN_TOKEN }
    const { counts } = await clientOf(deployment).post('/admin/dead-letters/replay', { body })
    return counts.replaying
  }

  /** Objects that the archive holds now. */
  async archiveObjects(): Promise<number> {
    const bucket = await this.worker.miniflare.getR2Bucket('ARCHIVE')
    return (await bucket.list({ prefix: 'archive/' })).objects.length
  }

  async close(): Promise<void> {
    if (this.#worker !== undefined) await this.#stop()
  }

  async #control(orders: Orders): Promise<FaultState> {
    const answer = await post(`${this.origin}${CONTROL_PATH}`, JSON.stringify(orders))
    if (answer?.status !== 200) throw new Error(`the control path answered ${answer?.status}`)
    return answer.body as FaultState
  }

  async #countInjected(): Promise<void> {
    const { injected } = await this.state()
    this.injected += Object.values(injected).reduce((sum, calls) => sum + calls, 0)
  }

  async #start(storage?: string): Promise<void> {
    const { host, bundle, variables } = this.#parts
    const takeLog = ({ message }: { readonly message: string }): void => void this.log.push(message)
    const settings = { takeLog, variables, ...(storage !== undefined && { storage }) }
    this.#worker = await host.start(bundle, 'product', settings)
    await this.ready()
  }

  async #stop(): Promise<void> {
    const { worker } = this
    this.#worker = undefined
    await worker.stop()
  }
}
