/** The process that loads the worker of the soak: a closed loop over a few connections, held back from events while the queue is far behind. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventsAnswer } from '../../src/protocol/events.ts'
import type { Lag } from './soak-census.ts'
import { LAG_PATH } from './soak-census.ts'
import { eventMaker, readPacks, zipsIn } from './soak-events.ts'
import { Ledger } from './soak-ledger.ts'
import { HOLD_BACK_MESSAGES, type LoadMessage, type LoadOrder, type LoadTally } from './soak-load-process.ts'
import { createPlanner, type Planned } from './soak-plan.ts'
import type { Seen } from './soak-requests.ts'
import { createSender } from './soak-send.ts'

const LAG_MILLISECONDS = 200
const TELL_MILLISECONDS = 1_000
/** Of what can be asked for again. */
const REMEMBERED = 200
const FAULTS_KEPT = 10

const tell = (message: LoadMessage): void => void process.send?.(message)

const remember = (list: string[], items: readonly string[]): void => {
  list.push(...items)
  if (list.length > REMEMBERED) list.splice(0, list.length - REMEMBERED)
}

class Load {
  readonly #order: LoadOrder
  readonly #ledger = new Ledger()
  readonly #letters = new Map<string, number | null>()
  readonly #seen: Seen = { mendable: [], letters: [], objects: [] }
  readonly #tally: LoadTally = {
    requests: 0,
    accepted: 0,
    letters: 0,
    heldBack: 0,
    unexpected: 0,
    internal: 0,
    hung: 0,
    unavailable: 0,
    milliseconds: 0,
    kinds: {},
  }
  readonly #faults: string[] = []
  #isHeldBack = false

  constructor(order: LoadOrder) {
    this.#order = order
  }

  async run(): Promise<void> {
    const { port, connections, seed, tokens, model, version, seconds } = this.#order
    const zips = zipsIn(readPacks())
    const now = Date.now()
    const planner = createPlanner({
      seed,
      makeEvents: (random) => eventMaker(random, zips, now, `r-${seed}-${now}`),
      zips,
      tokens,
      model,
      version,
      day: () => new Date().toISOString().slice(0, 10),
      seen: this.#seen,
    })
    const sender = createSender(port, connections + 1)
    const end = performance.now() + seconds * 1_000
    const loop = async (): Promise<void> => {
      while (performance.now() < end) await this.#one(planner.next(this.#isHeldBack), sender.send)
    }
    const watch = async (): Promise<void> => {
      while (performance.now() < end) {
        await sleep(LAG_MILLISECONDS)
        const { status, body } = await sender.send({ method: 'GET', path: LAG_PATH, headers: {} })
        if (status !== 200) continue
        const { sent, done } = JSON.parse(body) as Lag
        if (sent - done > HOLD_BACK_MESSAGES) this.#isHeldBack = true
        if (sent - done < HOLD_BACK_MESSAGES / 4) this.#isHeldBack = false
      }
    }
    const telling = setInterval(() => tell({ tally: this.#tally }), TELL_MILLISECONDS)
    await Promise.all([watch(), ...Array.from({ length: connections }, loop)])
    clearInterval(telling)
    sender.close()
    const letters = [...this.#letters]
    tell({ end: { tally: this.#tally, codes: this.#ledger.codes, letters, faults: this.#faults } })
  }

  async #one(planned: Planned, send: ReturnType<typeof createSender>['send']): Promise<void> {
    const tally = this.#tally
    const start = performance.now()
    const { status, body } = await send(planned)
    tally.milliseconds += performance.now() - start
    tally.requests++
    if (this.#isHeldBack) tally.heldBack++
    tally.kinds[planned.kind] = (tally.kinds[planned.kind] ?? 0) + 1
    if (!planned.expected.includes(status)) this.#fault(planned, status, body)
    if (planned.path === '/v1/events') this.#note(planned, status, body)
    else if (status === 200 && planned.group === 'admin') this.#look(planned.path, body)
  }

  #fault({ kind, path }: Planned, status: number, body: string): void {
    const tally = this.#tally
    if (status === 0) tally.hung++
    else if (status === 500) tally.internal++
    else if (status === 503 || status === 504) tally.unavailable++
    else tally.unexpected++
    if (this.#faults.length < FAULTS_KEPT)
      this.#faults.push(`${kind}, ${path.slice(0, 80)}: ${status} ${body.slice(0, 300)}`)
  }

  /** What an answer promises of its events. */
  #note({ events }: Planned, status: number, body: string): void {
    const tally = this.#tally
    if (events === undefined) {
      if (status !== 400) return
      const { dead_letter: id, kept } = JSON.parse(body) as { dead_letter: string | null; kept: string }
      if (kept === 'kept' && id !== null) this.#letter(id, null)
      return
    }
    const { first, count, isOptedOut, mendable } = events
    if (status !== 202) {
      for (let key = first; key < first + count; key++) this.#ledger.note(key, 'unsure')
      return
    }
    const { rejected } = JSON.parse(body) as EventsAnswer
    const named = new Map(rejected.map((item) => [item.index, item]))
    for (let index = 0; index < count; index++) {
      const key = first + index
      const item = named.get(index)
      if (item === undefined) {
        this.#ledger.note(key, isOptedOut ? 'dropped' : 'accepted')
        tally.accepted++
      } else if (item.retryable) this.#ledger.note(key, 'unsure')
      else if (item.kept === 'kept' && item.dead_letter !== null) {
        this.#ledger.note(key, 'letter')
        this.#letter(item.dead_letter, key)
        if (mendable.has(key)) remember(this.#seen.mendable, [item.dead_letter])
      } else this.#ledger.note(key, 'dropped')
    }
  }

  #letter(id: string, key: number | null): void {
    this.#letters.set(id, key)
    this.#tally.letters++
    remember(this.#seen.letters, [id])
  }

  #look(path: string, body: string): void {
    if (!path.startsWith('/admin/archive?')) return
    const { objects } = JSON.parse(body) as { objects: readonly { readonly key: string }[] }
    remember(
      this.#seen.objects,
      objects.map(({ key }) => key),
    )
  }
}

process.on('message', (order: LoadOrder) => {
  new Load(order)
    .run()
    .catch((error: unknown) => tell({ error: error instanceof Error ? `${error.stack}` : String(error) }))
})

// Nobody is left to load for.
process.on('disconnect', () => process.exit())
