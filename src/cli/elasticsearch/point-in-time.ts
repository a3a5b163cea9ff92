/** A point in time that several searches share: one view of the index, opened anew for all of them when it has expired. */
import { ServerFailure } from './failure.ts'
import type { SearchServer } from './search-server.ts'

/** It also ends the wait for a server that hangs while everything else is already done. */
const CLOSING_MILLISECONDS = 5_000

/** Whether `error` says that the server knows a point in time no more: it was idle for too long, or the node that held it has restarted. */
export const isExpired = (error: unknown): boolean =>
  error instanceof ServerFailure && error.body.includes('search_context_missing_exception')

export class PointInTime {
  readonly keepAlive: string
  private readonly server: SearchServer
  private readonly index: string
  private readonly signal: AbortSignal
  private current: string
  /** Opened again so many times. */
  private generation = 0
  private reopening: Promise<void> | undefined

  private constructor(server: SearchServer, index: string, keepAlive: string, signal: AbortSignal, id: string) {
    this.server = server
    this.index = index
    this.keepAlive = keepAlive
    this.signal = signal
    this.current = id
  }

  static async open(server: SearchServer, index: string, keepAlive: string, signal: AbortSignal): Promise<PointInTime> {
    return new PointInTime(server, index, keepAlive, signal, await server.openPit(index, keepAlive, signal))
  }

  /** What a search names; `generation` tells the id of this opening from those of later ones. */
  handle(): { readonly id: string; readonly generation: number } {
    return { id: this.current, generation: this.generation }
  }

  /** Servers may give another id with each answer, and want the last one. */
  renew(id: string | undefined, generation: number): void {
    if (id !== undefined && generation === this.generation) this.current = id
  }

  /** A new view of the index in the place of the expired one of `generation`; once, however many searches ask. */
  async reopen(generation: number): Promise<void> {
    if (generation < this.generation) return
    this.reopening ??= this.openAgain()
    await this.reopening
  }

  private async openAgain(): Promise<void> {
    try {
      this.current = await this.server.openPit(this.index, this.keepAlive, this.signal)
      this.generation++
    } finally {
      this.reopening = undefined
    }
  }

  /** Frees what the server holds for it. A failure is no matter: it expires by itself. */
  async close(): Promise<void> {
    await this.server.closePit(this.current, AbortSignal.timeout(CLOSING_MILLISECONDS)).catch(() => undefined)
  }
}
