/** Asks the V8 isolates of a running workerd what their heaps hold, by the inspector protocol. */
import { setTimeout as sleep } from 'node:timers/promises'

/** `Runtime.getHeapUsage` (V8 inspector protocol, read 2026-11). */
export interface HeapUsage {
  /** Objects on the heap, with those that are garbage already. */
  readonly usedSize: number
  readonly totalSize: number
  /** Buffers outside of it; WebAssembly memory is not among them (workerd, 2026-11). */
  readonly backingStorageSize: number
}

interface Reply {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** The worker that miniflare runs for its user, who has given it no name; all others stand in for the platform. */
const OWN_ISOLATE = 'core:user:'
/** Isolates that have nothing to do take up no order, and have no new garbage. */
const OTHERS_MILLISECONDS = 500

export class Inspector {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #calls = 0
  #collecting: Promise<void> | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply)
    })
  }

  static open(host: string, isolate: string): Promise<Inspector> {
    const socket = new WebSocket(`ws://${host}/${isolate}`)
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(new Inspector(socket)))
      socket.addEventListener('error', () =>
        reject(new Error(`the inspector of ${isolate} at ${host} cannot be reached`)),
      )
    })
  }

  async heapUsage(): Promise<HeapUsage> {
    return (await this.#call('Runtime.getHeapUsage')) as HeapUsage
  }

  /** Resolves with the next request that the isolate gets: only then workerd takes up the order (2026-11). */
  collectGarbage(): Promise<void> {
    this.#collecting ??= this.#call('HeapProfiler.collectGarbage')
      .then(() => undefined)
      .finally(() => {
        this.#collecting = undefined
      })
    return this.#collecting
  }

  close(): void {
    this.#socket.close()
  }

  #call(method: string): Promise<unknown> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      const settle = ({ result, error }: Reply): void => {
        this.#waiting.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(`${method}: ${error.message}`))
      }
      this.#waiting.set(id, settle)
      this.#socket.send(JSON.stringify({ id, method }))
    })
  }
}

/** All isolates of a workerd: the worker's own, and those that stand in for the platform. */
export class Inspectors {
  readonly own: Inspector
  readonly #others: readonly Inspector[]

  private constructor(own: Inspector, others: readonly Inspector[]) {
    this.own = own
    this.#others = others
  }

  /** `url`: what `Miniflare.getInspectorURL` gives. */
  static async open({ host }: URL): Promise<Inspectors> {
    const listed = (await (await fetch(`http://${host}/json`)).json()) as readonly { readonly id: string }[]
    const others = listed.map(({ id }) => id).filter((id) => id !== OWN_ISOLATE)
    const own = await Inspector.open(host, OWN_ISOLATE)
    return new Inspectors(own, await Promise.all(others.map((id) => Inspector.open(host, id))))
  }

  /** What garbage there is holds memory of the process, too; the isolates that stand in seldom collect it by themselves (2026-11). */
  async collectOthers(): Promise<void> {
    const all = Promise.allSettled(this.#others.map((other) => other.collectGarbage()))
    await Promise.race([all, sleep(OTHERS_MILLISECONDS)])
  }

  close(): void {
    for (const one of [this.own, ...this.#others]) one.close()
  }
}
