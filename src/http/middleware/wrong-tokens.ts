/** Addresses that have tried too many wrong tokens, as far as this isolate has seen: a right guess must not stand out. */
import type { Clock, Instant } from '../../core/clock.ts'

/** Bounds the memory; with more, all are forgotten, which costs an attacker of so many addresses nothing anyway. */
const MAX_ADDRESSES = 10_000

export class WrongTokens {
  readonly #shutUntil = new Map<string, number>()

  /** No token of this address is looked at for `milliseconds`. */
  shut(key: string, clock: Clock, milliseconds: number): void {
    if (this.#shutUntil.size >= MAX_ADDRESSES) this.#shutUntil.clear()
    this.#shutUntil.set(key, clock.now() + milliseconds)
  }

  isShut(key: string, now: Instant): boolean {
    const until = this.#shutUntil.get(key)
    if (until === undefined) return false
    if (now < until) return true
    this.#shutUntil.delete(key)
    return false
  }
}
