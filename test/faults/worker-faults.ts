/** Gets calls wrong, around bindings that work: what the runner ordered, counted call by call. */
import type { Fault, FaultTarget, Side } from './fault-plan.ts'

interface Counted {
  readonly fault: Fault
  seen: number
}

interface Call {
  readonly target: FaultTarget
  readonly method: string
  /** Who calls; `object`: seen from within the object that is called. */
  readonly side: Side | 'object'
}

type Methods = Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>

export class Faults {
  #counted: Counted[] = []
  #injected: Record<string, number> = {}

  get injected(): Readonly<Record<string, number>> {
    return this.#injected
  }

  set(faults: readonly Fault[]): void {
    this.#counted = faults.map((fault) => ({ fault, seen: 0 }))
    this.#injected = {}
  }

  /** The fault that is due at this call, which is counted. */
  due({ target, method, side }: Call): Fault | undefined {
    let due: Fault | undefined
    for (const counted of this.#counted) {
      const { fault } = counted
      const { methods, nth, every, first } = fault
      if (fault.target !== target || (methods !== undefined && !methods.includes(method))) continue
      if (fault.kind.startsWith('restart') ? side !== 'object' : side === 'object') continue
      if (fault.side !== undefined && fault.side !== side) continue
      const seen = ++counted.seen
      const isDue =
        (nth === undefined || seen === nth) &&
        (every === undefined || seen % every === 0) &&
        (first === undefined || seen <= first)
      if (isDue) due ??= fault
    }
    if (due !== undefined) this.#injected[target] = (this.#injected[target] ?? 0) + 1
    return due
  }

  async around<T>(call: Call, real: () => Promise<T>): Promise<T> {
    const kind = this.due(call)?.kind
    switch (kind) {
      case 'error':
        throw new Error('Network connection lost.')
      case 'overloaded':
        // As a Durable Object refuses (Cloudflare, "Error handling in Durable Objects", read 2026-11).
        throw Object.assign(new Error('Durable Object is overloaded. Too many requests queued.'), {
          overloaded: true,
          retryable: true,
          remote: true,
        })
      case 'bug':
        throw new TypeError("Cannot read properties of undefined (reading 'key')")
      case 'hang':
        return new Promise<never>(() => undefined)
      case 'held':
        await real()
        return new Promise<never>(() => undefined)
      case 'reply_lost':
        await real()
        throw new Error('Network connection lost.')
      default:
        return real()
    }
  }

  /** A binding whose methods may go wrong. */
  binding<T extends object>(real: T, target: FaultTarget, side: Side): T {
    return new Proxy(real, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name)
        if (typeof value !== 'function' || typeof name === 'symbol') return value
        return (...given: unknown[]) =>
          this.around({ target, method: name, side }, async () => Reflect.apply(value, object, given))
      },
    })
  }

  /** A namespace whose objects may not be reached. */
  namespace<T extends { getByName(name: string): object }>(real: T, target: FaultTarget, side: Side): T {
    const stub = (object: object): object =>
      new Proxy(object, {
        get: (_, method) =>
          typeof method === 'symbol' || method === 'then'
            ? undefined
            : (...given: unknown[]) =>
                this.around({ target, method, side }, async () => (object as Methods)[method]?.(...given)),
      })
    return new Proxy(real, {
      get: (object, name) =>
        name === 'getByName' ? (of: string) => stub(object.getByName(of)) : Reflect.get(object, name),
    })
  }

  /** What an object does in a call: it may be thrown away meanwhile, with or without what it wrote. */
  async restarting<T>(
    ctx: DurableObjectState,
    target: FaultTarget,
    method: string,
    call: () => Promise<T>,
  ): Promise<T> {
    const kind = this.due({ target, method, side: 'object' })?.kind
    if (kind !== 'restart_before' && kind !== 'restart_after') return call()
    const result = call()
    if (kind === 'restart_after') {
      await result
      await ctx.storage.sync()
    }
    result.catch(() => undefined)
    ctx.abort('restarted in mid call')
    return result
  }
}
