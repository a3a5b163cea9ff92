/** Starts the load process of the soak and hears what it tells. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Tokens } from './soak-requests.ts'

/** So many messages wait: from here on no events are sent, until there are a quarter of them. */
export const HOLD_BACK_MESSAGES = 400

export interface LoadOrder {
  readonly port: number
  readonly seed: number
  readonly connections: number
  readonly seconds: number
  readonly model: string
  readonly version: string
  readonly tokens: Tokens
}

/** Sums since the start, as the client counts. */
export interface LoadTally {
  requests: number
  /** Events that were answered as accepted; one that was sent twice counts twice. */
  accepted: number
  /** Dead letters that were promised. */
  letters: number
  /** Requests that were sent while events were held back. */
  heldBack: number
  /** Another status than a request of its kind gets. */
  unexpected: number
  /** 500. */
  internal: number
  /** No answer in time, or a connection that was lost. */
  hung: number
  /** 503 and 504. */
  unavailable: number
  /** Waited for answers, all together. */
  milliseconds: number
  /** Requests by kind. */
  kinds: Record<string, number>
}

export interface LoadEnd {
  readonly tally: LoadTally
  /** Of the ledger. */
  readonly codes: Uint8Array
  readonly letters: readonly (readonly [string, number | null])[]
  readonly faults: readonly string[]
}

export type LoadMessage = { readonly tally: LoadTally } | { readonly end: LoadEnd } | { readonly error: string }

export interface RunningLoad {
  /** The newest; `null` before the first. */
  readonly tally: LoadTally | null
  /** Rejects when the process fails. */
  readonly end: Promise<LoadEnd>
  stop(): void
}

export const startLoad = (order: LoadOrder): RunningLoad => {
  const child = fork(fileURLToPath(new URL('soak-load.ts', import.meta.url)), { serialization: 'advanced' })
  let tally: LoadTally | null = null
  const end = new Promise<LoadEnd>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the load process ended with exit code ${String(code)}`)))
    child.on('message', (message) => {
      const told = message as LoadMessage
      if ('error' in told) return reject(new Error(`the load process failed: ${told.error}`))
      if ('end' in told) resolve(told.end)
      else tally = told.tally
    })
  })
  end.catch(() => undefined)
  child.send(order)
  return {
    get tally() {
      return tally
    },
    end,
    stop: () => void child.kill(),
  }
}
