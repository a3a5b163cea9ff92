/** Statistics that misbehave on demand, around statistics that work. */
import type { Statistics } from '../../src/serving/ports.ts'

/** `reply_lost`: the delta is applied, then the caller sees an error. `silent`: it never gets there and nothing answers. `throws`: it never gets there and the caller sees an error. */
export type StatisticsFault = 'none' | 'reply_lost' | 'silent' | 'throws'

export class FaultyStatistics implements Statistics {
  fault: StatisticsFault = 'none'
  /** Calls of `send`, with or without success. */
  calls = 0

  constructor(private readonly real: Statistics) {}

  async send(...call: Parameters<Statistics['send']>): ReturnType<Statistics['send']> {
    this.calls++
    await this.#misbehave()
    const news = await this.real.send(...call)
    if (this.fault === 'reply_lost') throw new Error('the reply was lost')
    return news
  }

  async read(...call: Parameters<Statistics['read']>): ReturnType<Statistics['read']> {
    await this.#misbehave()
    return this.real.read(...call)
  }

  async #misbehave(): Promise<void> {
    if (this.fault === 'silent') await new Promise<never>(() => {})
    if (this.fault === 'throws') throw new Error('the statistics object is down')
  }
}
