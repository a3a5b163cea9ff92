/** Work that outlives an answer, held so that a test can wait for it. */
import type { Background } from '../../src/serving/ports.ts'

export class HeldBackground {
  readonly failures: string[] = []
  #work: Promise<unknown>[] = []

  readonly run: Background = (work, what) => {
    this.#work.push(
      work.catch((error: unknown) => {
        this.failures.push(`${what}: ${String(error)}`)
      }),
    )
  }

  async settled(): Promise<void> {
    while (this.#work.length > 0) await Promise.all(this.#work.splice(0))
  }
}
