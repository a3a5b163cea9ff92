/** The stages of one request, each with the time it took where that is known. */
import { between, type Clock, type Duration, type Instant } from '../core/clock.ts'

export class Stages {
  readonly list: { readonly name: string; readonly duration: Duration }[] = []
  readonly start: Instant
  #last: Instant

  constructor(private readonly clock: Clock) {
    this.start = clock.now()
    this.#last = this.start
  }

  /** Ends the stage that began when the last one ended. */
  end(name: string): void {
    const now = this.clock.now()
    this.list.push({ name, duration: between(this.#last, now) })
    this.#last = now
  }
}
